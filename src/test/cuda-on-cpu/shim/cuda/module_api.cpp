// Modules, functions, launches, occupancy.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include "device_limits.h"
#include "driver.h"
#include "graph.h"
#include "memory.h"
#include "ptx.h"
#include "report.h"

using namespace shim;

namespace {

struct Module {
  Image image;
  std::map<std::string, std::unique_ptr<Function>> functions;
};

CUresult load(Module** out, const void* data) {
  *out = nullptr;
  Image image;
  CUresult status = readImage(data, image);
  if (status) return status;
  *out = new Module{std::move(image), {}};
  contextHandleCreated(*out, "module");
  return CUDA_SUCCESS;
}

// The entry must be in the image, and its parameters those that the sources compiled here have: a
// PTX file that is older than its source does not pass.
CUresult findFunction(Module* module, const std::string& name, Function** out) {
  auto known = module->functions.find(name);
  if (known == module->functions.end()) {
    Function function{findKernel(name), module, limits::kSharedPerBlock};
    std::string complaint;
    if (!imageHolds(module->image, name, function.ref, complaint)) {
      if (!complaint.empty()) violation("%s", complaint.c_str());
      return CUDA_ERROR_NOT_FOUND;
    }
    known = module->functions.emplace(name, std::make_unique<Function>(function)).first;
  }
  *out = known->second.get();
  return CUDA_SUCCESS;
}

int blocksPerMultiprocessor(const Function& function, int threads, size_t dynamicShared) {
  limits::ArchLimits arch = limits::archLimits();
  int padded = (threads + 31) / 32 * 32;
  size_t shared = dynamicShared + 1024;
  int byThreads = padded > 0 ? arch.threadsPerMultiprocessor / padded : 0;
  int byShared = static_cast<int>(arch.sharedPerMultiprocessor / shared);
  bool tooMany = static_cast<unsigned>(threads) > function.ref.kernel->maxThreads;
  return tooMany ? 0 : std::min({byThreads, byShared, arch.blocksPerMultiprocessor});
}

}  // namespace

extern "C" {

CUresult cuModuleLoadData(Module** module, const void* image) {
  return call("cuModuleLoadData", kContext | kOutsideCapture, [&] { return load(module, image); });
}

CUresult cuModuleLoadDataEx(Module** module, const void* image, unsigned, int*, void**) {
  return call("cuModuleLoadDataEx", kContext | kOutsideCapture, [&] { return load(module, image); });
}

CUresult cuModuleLoadFatBinary(Module** module, const void* image) {
  return call("cuModuleLoadFatBinary", kContext | kOutsideCapture, [&] { return load(module, image); });
}

CUresult cuModuleUnload(Module* module) {
  return call("cuModuleUnload", kInitialized, [&]() -> CUresult {
    Context* context = currentContext();
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    if (!handleDestroyed(module, "module")) return CUDA_ERROR_INVALID_HANDLE;
    drain(context);
    delete module;
    return context->lost;  // a lost context takes its modules along
  });
}

CUresult cuModuleGetFunction(Function** function, Module* module, const char* name) {
  return call("cuModuleGetFunction", kContext, [&]() -> CUresult {
    return handleAlive(module, "module") ? findFunction(module, name, function) : CUDA_ERROR_INVALID_HANDLE;
  });
}

CUresult cuFuncGetAttribute(int* value, int attribute, Function* function) {
  return call("cuFuncGetAttribute", kContext, [&]() -> CUresult {
    constexpr int kMaxThreads = 0, kShared = 1, kConst = 2, kLocal = 3, kRegisters = 4, kPtx = 5, kBinary = 6,
                  kMaxDynamic = 8;
    switch (attribute) {
      case kMaxThreads: *value = static_cast<int>(function->ref.kernel->maxThreads); return CUDA_SUCCESS;
      case kShared: *value = static_cast<int>(function->ref.library->sharedBytes); return CUDA_SUCCESS;
      case kConst:
      case kLocal: *value = 0; return CUDA_SUCCESS;
      case kRegisters: *value = 32; return CUDA_SUCCESS;
      case kPtx:
      case kBinary: *value = limits::arch(); return CUDA_SUCCESS;
      case kMaxDynamic: *value = function->maxDynamicShared; return CUDA_SUCCESS;
      default: return CUDA_ERROR_INVALID_VALUE;
    }
  });
}

CUresult cuFuncSetAttribute(Function* function, int attribute, int value) {
  return call("cuFuncSetAttribute", kContext, [&]() -> CUresult {
    constexpr int kMaxDynamic = 8, kCarveout = 9;
    if (attribute == kCarveout) return CUDA_SUCCESS;
    if (attribute != kMaxDynamic || value < 0) return CUDA_ERROR_INVALID_VALUE;
    if (value > limits::archLimits().sharedPerBlockOptIn) return CUDA_ERROR_INVALID_VALUE;
    function->maxDynamicShared = value;
    return CUDA_SUCCESS;
  });
}

CUresult cuFuncSetCacheConfig(Function*, int) {
  return call("cuFuncSetCacheConfig", kContext, [] { return CUDA_SUCCESS; });
}

CUresult cuLaunchKernel(Function* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                        unsigned blockY, unsigned blockZ, unsigned sharedBytes, void* handle, void** parameters,
                        void** extra) {
  return call("cuLaunchKernel", kContext, [&]() -> CUresult {
    if (!function) return CUDA_ERROR_INVALID_HANDLE;
    if (extra || (!parameters && function->ref.kernel->parameterCount)) return CUDA_ERROR_INVALID_VALUE;
    Stream* stream = streamOf(handle, currentContext());
    if (!stream) return CUDA_ERROR_INVALID_HANDLE;
    auto launch = std::make_shared<Launch>(
        Launch{*function, currentContext(), dim3(gridX, gridY, gridZ), dim3(blockX, blockY, blockZ), sharedBytes, {}});
    CUresult refused = checkLaunch(*launch);
    if (refused) return refused;
    takeArguments(*launch, parameters);
    return submitNode(stream, CU_NODE_KERNEL, nullptr, launch);
  });
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Function* function, int threads, size_t shared) {
  return call("cuOccupancyMaxActiveBlocksPerMultiprocessor", kContext, [&] {
    *blocks = blocksPerMultiprocessor(*function, threads, shared);
    return CUDA_SUCCESS;
  });
}

CUresult cuOccupancyMaxPotentialBlockSize(int* grid, int* block, Function* function, size_t (*sharedOf)(int),
                                          size_t shared, int limit) {
  return call("cuOccupancyMaxPotentialBlockSize", kContext, [&] {
    int best = 0;
    int largest = static_cast<int>(function->ref.kernel->maxThreads);
    if (limit > 0) largest = std::min(largest, limit);
    for (int threads = largest / 32 * 32; threads >= 32; threads -= 32) {
      int blocks = blocksPerMultiprocessor(*function, threads, sharedOf ? sharedOf(threads) : shared);
      if (blocks * threads > best) {
        best = blocks * threads;
        *block = threads;
        *grid = blocks * limits::kMultiprocessors;
      }
    }
    return CUDA_SUCCESS;
  });
}
}
