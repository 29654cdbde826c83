// Initialization, devices, contexts, peers.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "../common/environment.h"
#include "device_limits.h"
#include "driver.h"
#include "memory.h"
#include "report.h"

using namespace shim;

namespace {

enum Attribute {
  kMaxThreadsPerBlock = 1,
  kMaxBlockX = 2,
  kMaxBlockY = 3,
  kMaxBlockZ = 4,
  kMaxGridX = 5,
  kMaxGridY = 6,
  kMaxGridZ = 7,
  kMaxSharedPerBlock = 8,
  kConstantMemory = 9,
  kWarpSize = 10,
  kRegistersPerBlock = 12,
  kClockRate = 13,
  kGpuOverlap = 15,
  kMultiprocessors = 16,
  kIntegrated = 18,
  kCanMapHost = 19,
  kComputeMode = 20,
  kConcurrentKernels = 31,
  kEcc = 32,
  kPciBus = 33,
  kPciDevice = 34,
  kMemoryClock = 36,
  kBusWidth = 37,
  kL2Cache = 38,
  kThreadsPerMultiprocessor = 39,
  kAsyncEngines = 40,
  kUnifiedAddressing = 41,
  kPciDomain = 50,
  kMajor = 75,
  kMinor = 76,
  kSharedPerMultiprocessor = 81,
  kRegistersPerMultiprocessor = 82,
  kCooperativeLaunch = 95,
  kSharedPerBlockOptIn = 97,
  kBlocksPerMultiprocessor = 106,
  kReservedSharedPerBlock = 111,
  kMemoryPools = 115
};

int attributeValue(int attribute, int ordinal) {
  limits::ArchLimits arch = limits::archLimits();
  switch (attribute) {
    case kMaxThreadsPerBlock:
    case kMaxBlockX:
    case kMaxBlockY: return limits::kThreadsPerBlock;
    case kMaxBlockZ: return limits::kBlockZ;
    case kMaxGridX: return limits::kGridX;
    case kMaxGridY:
    case kMaxGridZ: return limits::kGridYZ;
    case kMaxSharedPerBlock: return limits::kSharedPerBlock;
    case kConstantMemory: return 65536;
    case kWarpSize: return 32;
    case kRegistersPerBlock:
    case kRegistersPerMultiprocessor: return limits::kRegistersPerBlock;
    case kClockRate: return 1410000;
    case kMemoryClock: return 1215000;
    case kBusWidth: return 5120;
    case kL2Cache: return 40 << 20;
    case kGpuOverlap:
    case kCanMapHost:
    case kConcurrentKernels:
    case kUnifiedAddressing:
    case kCooperativeLaunch:
    case kMemoryPools: return 1;
    case kMultiprocessors: return limits::kMultiprocessors;
    case kPciBus: return ordinal + 1;
    case kThreadsPerMultiprocessor: return arch.threadsPerMultiprocessor;
    case kAsyncEngines: return 2;
    case kMajor: return limits::arch() / 10;
    case kMinor: return limits::arch() % 10;
    case kSharedPerMultiprocessor: return arch.sharedPerMultiprocessor;
    case kSharedPerBlockOptIn: return arch.sharedPerBlockOptIn;
    case kBlocksPerMultiprocessor: return arch.blocksPerMultiprocessor;
    case kReservedSharedPerBlock: return 1024;
    default: return 0;
  }
}

// "3G", "512M" or bytes.
size_t memoryBytes() {
  std::string text = setting("MEMORY", "4G");
  char* end;
  double n = strtod(text.c_str(), &end);
  int shift = *end == 'G' ? 30 : *end == 'M' ? 20 : *end == 'K' ? 10 : 0;
  return static_cast<size_t>(n * (1ull << shift));
}

Device* deviceOf(CUdevice ordinal) {
  auto& all = driver().devices;
  return ordinal >= 0 && static_cast<size_t>(ordinal) < all.size() ? all[ordinal].get() : nullptr;
}

template <class Body>
CUresult onDevice(const char* function, CUdevice ordinal, Body body) {
  return call(function, kInitialized, [&]() -> CUresult {
    Device* device = deviceOf(ordinal);
    return device ? body(*device) : CUDA_ERROR_INVALID_DEVICE;
  });
}

void endContext(std::unique_ptr<Context> context) {
  emptyContext(context.get());
  auto& stack = contextStack();
  stack.erase(std::remove(stack.begin(), stack.end(), context.get()), stack.end());
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned flags) {
  return call("cuInit", kNothing, [&]() -> CUresult {
    if (flags) return CUDA_ERROR_INVALID_VALUE;
    long count = settingNumber("DEVICES", 1);
    if (count < 1) return CUDA_ERROR_NO_DEVICE;
    if (driver().initialized) return CUDA_SUCCESS;
    driver().initialized = true;
    for (int i = 0; i < count; ++i) {
      driver().devices.push_back(std::make_unique<Device>());
      driver().devices.back()->ordinal = i;
      driver().devices.back()->memoryTotal = memoryBytes();
    }
    watchProcess();
    return CUDA_SUCCESS;
  });
}

CUresult cuDriverGetVersion(int* version) {
  return call("cuDriverGetVersion", kNothing, [&] {
    *version = static_cast<int>(settingNumber("DRIVER_VERSION", 12060));
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetCount(int* count) {
  return call("cuDeviceGetCount", kInitialized, [&] {
    *count = static_cast<int>(driver().devices.size());
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return onDevice("cuDeviceGet", ordinal, [&](Device&) {
    *device = ordinal;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetName(char* name, int length, CUdevice ordinal) {
  return onDevice("cuDeviceGetName", ordinal, [&](Device&) {
    snprintf(name, length, "CUDA on CPU (virtual device %d)", ordinal);
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetUuid(unsigned char* uuid, CUdevice ordinal) {
  return onDevice("cuDeviceGetUuid", ordinal, [&](Device&) {
    memset(uuid, 0, 16);
    uuid[15] = static_cast<unsigned char>(ordinal);
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice ordinal) {
  return onDevice("cuDeviceTotalMem_v2", ordinal, [&](Device& device) {
    *bytes = device.memoryTotal;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice ordinal) {
  return onDevice("cuDeviceGetAttribute", ordinal, [&](Device&) {
    *value = attributeValue(attribute, ordinal);
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceComputeCapability(int* major, int* minor, CUdevice ordinal) {
  return onDevice("cuDeviceComputeCapability", ordinal, [&](Device&) {
    *major = limits::arch() / 10;
    *minor = limits::arch() % 10;
    return CUDA_SUCCESS;
  });
}

CUresult cuDeviceGetPCIBusId(char* id, int length, CUdevice ordinal) {
  return onDevice("cuDeviceGetPCIBusId", ordinal, [&](Device&) {
    snprintf(id, length, "0000:%02X:00.0", ordinal + 1);
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxRetain(Context** context, CUdevice ordinal) {
  return onDevice("cuDevicePrimaryCtxRetain", ordinal, [&](Device& device) {
    if (!device.primary) device.primary = std::make_unique<Context>(&device);
    ++device.primaryUsers;
    *context = device.primary.get();
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice ordinal) {
  return onDevice("cuDevicePrimaryCtxRelease_v2", ordinal, [&](Device& device) -> CUresult {
    if (!device.primaryUsers) return CUDA_ERROR_INVALID_CONTEXT;
    if (--device.primaryUsers == 0) endContext(std::move(device.primary));
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxReset_v2(CUdevice ordinal) {
  return onDevice("cuDevicePrimaryCtxReset_v2", ordinal, [&](Device& device) {
    if (device.primary) endContext(std::move(device.primary));
    device.primaryUsers = 0;
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxGetState(CUdevice ordinal, unsigned* flags, int* active) {
  return onDevice("cuDevicePrimaryCtxGetState", ordinal, [&](Device& device) {
    *flags = 0;
    *active = device.primary != nullptr;
    return CUDA_SUCCESS;
  });
}

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice ordinal, unsigned) {
  return onDevice("cuDevicePrimaryCtxSetFlags_v2", ordinal, [&](Device&) { return CUDA_SUCCESS; });
}

CUresult cuCtxCreate_v2(Context** context, unsigned, CUdevice ordinal) {
  return onDevice("cuCtxCreate_v2", ordinal, [&](Device& device) {
    *context = new Context(&device);
    handleCreated(*context, "context");
    contextStack().push_back(*context);
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxDestroy_v2(Context* context) {
  return call("cuCtxDestroy_v2", kInitialized, [&]() -> CUresult {
    if (!handleDestroyed(context, "context")) return CUDA_ERROR_INVALID_CONTEXT;
    endContext(std::unique_ptr<Context>(context));
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSetCurrent(Context* context) {
  return call("cuCtxSetCurrent", kInitialized, [&]() -> CUresult {
    auto& stack = contextStack();
    if (context && !driver().contexts.count(context)) return CUDA_ERROR_INVALID_CONTEXT;
    if (!stack.empty()) stack.pop_back();
    if (context) stack.push_back(context);
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetCurrent(Context** context) {
  return call("cuCtxGetCurrent", kInitialized, [&] {
    *context = currentContext();
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxPushCurrent_v2(Context* context) {
  return call("cuCtxPushCurrent_v2", kInitialized, [&]() -> CUresult {
    if (!driver().contexts.count(context)) return CUDA_ERROR_INVALID_CONTEXT;
    contextStack().push_back(context);
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxPopCurrent_v2(Context** context) {
  return call("cuCtxPopCurrent_v2", kInitialized, [&]() -> CUresult {
    if (contextStack().empty()) return CUDA_ERROR_INVALID_CONTEXT;
    if (context) *context = contextStack().back();
    contextStack().pop_back();
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxGetDevice(CUdevice* device) {
  return call("cuCtxGetDevice", kContext, [&] {
    *device = currentContext()->device->ordinal;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSynchronize() {
  return call("cuCtxSynchronize", kContext | kOutsideCapture, [&] {
    drain(currentContext());
    memory().verifyCanaries("cuCtxSynchronize");
    return currentContext()->lost;
  });
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return call("cuCtxGetStreamPriorityRange", kContext, [&] {
    *least = 0;
    *greatest = -5;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxSetLimit(int, size_t) {
  return call("cuCtxSetLimit", kContext, [] { return CUDA_SUCCESS; });
}

CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  return onDevice("cuDeviceCanAccessPeer", device, [&](Device&) -> CUresult {
    if (!deviceOf(peer)) return CUDA_ERROR_INVALID_DEVICE;
    *can = device != peer;
    return CUDA_SUCCESS;
  });
}

CUresult cuCtxEnablePeerAccess(Context* peer, unsigned) {
  return call("cuCtxEnablePeerAccess", kContext, [&]() -> CUresult {
    if (!driver().contexts.count(peer)) return CUDA_ERROR_INVALID_CONTEXT;
    return currentContext()->peers.insert(peer).second ? CUDA_SUCCESS : CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
  });
}

CUresult cuCtxDisablePeerAccess(Context* peer) {
  return call("cuCtxDisablePeerAccess", kContext, [&]() -> CUresult {
    return currentContext()->peers.erase(peer) ? CUDA_SUCCESS : CUDA_ERROR_PEER_ACCESS_NOT_ENABLED;
  });
}

// The span that the counters cover: Start forgets what was counted before, Stop writes the file.
CUresult cuProfilerStart() {
  return call("cuProfilerStart", kContext, [] {
    resetCounters();
    return CUDA_SUCCESS;
  });
}

CUresult cuProfilerStop() {
  return call("cuProfilerStop", kContext, [] {
    writeCounters();
    return CUDA_SUCCESS;
  });
}
}
