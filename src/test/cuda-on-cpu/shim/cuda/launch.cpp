#include "launch.h"

#include <dirent.h>
#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

#include "../../emu/scheduler.h"
#include "../../emu/workers.h"
#include "../common/environment.h"
#include "device_limits.h"
#include "driver.h"
#include "memory.h"
#include "report.h"

namespace shim {
namespace {

std::atomic<uint64_t> flopCount{0};

std::string ownFolder() {
  Dl_info info;
  dladdr(reinterpret_cast<void*>(&flopCount), &info);
  std::string path = info.dli_fname;
  return path.substr(0, path.find_last_of('/'));
}

// The size of a library's thread-local segment: its __shared__ variables.
int sharedSegment(dl_phdr_info* info, size_t, void* data) {
  auto* wanted = static_cast<KernelLibrary*>(data);
  if (wanted->file != info->dlpi_name) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    if (info->dlpi_phdr[i].p_type == PT_TLS) wanted->sharedBytes = info->dlpi_phdr[i].p_memsz;
  }
  return 1;
}

void open(const std::string& file, std::vector<KernelLibrary>& libraries) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    violation("kernels cannot be loaded: %s", dlerror());
    return;
  }
  auto kernels = reinterpret_cast<const emu::Kernel* (*)()>(dlsym(handle, "emu_kernels"));
  auto anchor = reinterpret_cast<void* (*)()>(dlsym(handle, "emu_shared_anchor"));
  if (!kernels || !anchor) return;
  libraries.push_back({file, kernels(), anchor, 0});
  dl_iterate_phdr(sharedSegment, &libraries.back());
}

const std::vector<KernelLibrary>& kernelLibraries() {
  static const auto* libraries = [] {
    auto* found = new std::vector<KernelLibrary>;
    std::string folder = setting("KERNELS", (ownFolder() + "/kernels").c_str());
    if (DIR* dir = opendir(folder.c_str())) {
      std::vector<std::string> names;
      while (dirent* entry = readdir(dir)) names.push_back(entry->d_name);
      closedir(dir);
      std::sort(names.begin(), names.end());
      for (const std::string& name : names) {
        if (name.size() > 3 && name.substr(name.size() - 3) == ".so") open(folder + "/" + name, *found);
      }
    }
    return found;
  }();
  return *libraries;
}

// Where a library's __shared__ variables begin on the calling OS thread.
struct SharedStart {
  const char* file;
  void* start;
};

int findSharedStart(dl_phdr_info* info, size_t, void* data) {
  auto* wanted = static_cast<SharedStart*>(data);
  if (strcmp(wanted->file, info->dlpi_name) != 0) return 0;
  wanted->start = info->dlpi_tls_data;
  return 1;
}

thread_local const KernelLibrary* runningLibrary;

// Shared memory holds garbage when a block starts.
void poisonShared(const emu::Kernel*) {
  static thread_local const KernelLibrary* known = nullptr;
  static thread_local void* start = nullptr;
  const KernelLibrary* library = runningLibrary;
  if (library->sharedBytes <= 16) return;  // the anchor alone
  if (known != library) {
    library->sharedAnchor();  // makes the thread's copy exist
    SharedStart wanted{library->file.c_str(), nullptr};
    dl_iterate_phdr(findSharedStart, &wanted);
    known = library;
    start = wanted.start;
  }
  if (start) memset(start, 0xCD, library->sharedBytes);
}

// Every pointer given to a kernel must point into live memory that its device can reach, or be null.
bool argumentsValid(const Launch& launch) {
  const emu::Kernel& kernel = *launch.function.ref.kernel;
  for (unsigned i = 0; i < kernel.parameterCount; ++i) {
    if (!kernel.parameters[i].pointer) continue;
    void* p;
    memcpy(&p, launch.arguments[i].data(), sizeof p);
    std::string what = "argument " + std::to_string(i);
    if (p && checkReachable(launch.context, p, 0, kernel.name, what.c_str())) return false;
  }
  return true;
}

uint3 blockIndex(const dim3& grid, size_t linear) {
  return {static_cast<unsigned>(linear % grid.x), static_cast<unsigned>(linear / grid.x % grid.y),
          static_cast<unsigned>(linear / grid.x / grid.y)};
}

uint64_t drawOrder() {
  return deferred() ? draw(1u << 20) + 1 : 0;
}

}  // namespace

KernelRef findKernel(const std::string& name) {
  for (const KernelLibrary& library : kernelLibraries()) {
    for (const emu::Kernel* k = library.kernels; k->name; ++k) {
      if (name == k->name) return {k, &library};
    }
  }
  return {};
}

CUresult checkLaunch(const Launch& l) {
  const emu::Kernel& kernel = *l.function.ref.kernel;
  uint64_t threads = static_cast<uint64_t>(l.block.x) * l.block.y * l.block.z;
  if (!l.grid.x || !l.grid.y || !l.grid.z || !threads) return CUDA_ERROR_INVALID_VALUE;
  if (l.grid.x > limits::kGridX || l.grid.y > limits::kGridYZ || l.grid.z > limits::kGridYZ) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (threads > limits::kThreadsPerBlock || l.block.z > limits::kBlockZ) return CUDA_ERROR_INVALID_VALUE;
  if (threads > kernel.maxThreads) {
    violation("%s: %llu threads per block, but __launch_bounds__(%u)", kernel.name,
              static_cast<unsigned long long>(threads), kernel.maxThreads);
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (l.sharedBytes > static_cast<unsigned>(l.function.maxDynamicShared)) {
    violation("%s: %u bytes of dynamic shared memory, but %d are allowed (see cuFuncSetAttribute)", kernel.name,
              l.sharedBytes, l.function.maxDynamicShared);
    return CUDA_ERROR_INVALID_VALUE;
  }
  return CUDA_SUCCESS;
}

void takeArguments(Launch& launch, void** parameters) {
  const emu::Kernel& kernel = *launch.function.ref.kernel;
  launch.arguments.clear();
  for (unsigned i = 0; i < kernel.parameterCount; ++i) {
    char* value = static_cast<char*>(parameters[i]);
    launch.arguments.emplace_back(value, value + kernel.parameters[i].size);
  }
}

void runLaunch(const Launch& launch) {
  const emu::Kernel& kernel = *launch.function.ref.kernel;
  if (!argumentsValid(launch)) {
    launch.context->lost = CUDA_ERROR_ILLEGAL_ADDRESS;
    return;
  }
  std::vector<void*> parameters;
  for (const auto& argument : launch.arguments) parameters.push_back(const_cast<char*>(argument.data()));
  emu::BlockJob job{&kernel, parameters.data(), launch.grid, launch.block, launch.sharedBytes, drawOrder(), poisonShared};
  size_t blocks = static_cast<size_t>(launch.grid.x) * launch.grid.y * launch.grid.z;
  uint64_t threads = blocks * launch.block.x * launch.block.y * launch.block.z;
  constexpr uint64_t kWorthHelp = 4096;  // threads below which waking the helpers costs more
  size_t chunk = threads < kWorthHelp ? blocks : std::max<size_t>(1, blocks / (emu::workerCount() * 8));
  emu::FaultReport fault;
  std::mutex faultMutex;
  std::atomic<bool> failed{false};
  flopCount = 0;
  emu::parallel((blocks + chunk - 1) / chunk, [&](size_t c) {
    runningLibrary = launch.function.ref.library;
    for (size_t b = c * chunk; b < std::min(blocks, (c + 1) * chunk) && !failed; ++b) {
      emu::FaultReport report;
      size_t at = job.order & 1 ? blocks - 1 - b : b;
      if (emu::runBlock(job, blockIndex(launch.grid, at), report)) continue;
      std::lock_guard<std::mutex> lock(faultMutex);
      if (!failed.exchange(true)) fault = report;
    }
  });
  countKernel(kernel.name, blocks, threads, flopCount);
  if (failed) {
    violation("%s", fault.message);
    launch.context->lost = fault.code;
  }
}

}  // namespace shim

void emu_count_flops(uint64_t flops) { shim::flopCount.fetch_add(flops, std::memory_order_relaxed); }
