#include "launch.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>

#include "../../emu/scheduler.h"
#include "../../emu/workers.h"
#include "device_limits.h"
#include "driver.h"
#include "report.h"
#include "trace.h"

namespace shim {
namespace {

std::atomic<uint64_t> flopCount{0};
thread_local const KernelLibrary* runningLibrary;

// Shared memory holds garbage when a block starts.
void poisonShared(const emu::Kernel*) {
  constexpr size_t kAnchorAlone = 16;
  if (runningLibrary->sharedBytes <= kAnchorAlone) return;
  memset(sharedStart(runningLibrary), 0xCD, runningLibrary->sharedBytes);
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

uint3 blockIndex(const dim3& grid, size_t number) {
  return {static_cast<unsigned>(number % grid.x), static_cast<unsigned>(number / grid.x % grid.y),
          static_cast<unsigned>(number / grid.x / grid.y)};
}

// How many blocks a worker takes at a time. Small grids are not worth waking the others for.
size_t blocksAtATime(const Launch& launch) {
  constexpr size_t kWorthHelp = 4096;  // threads
  if (tracing() || launch.blocks() * launch.threadsPerBlock() < kWorthHelp) return launch.blocks();
  return std::max<size_t>(1, launch.blocks() / (emu::workerCount() * 8));
}

// Runs all blocks. What it returns has a code other than 0 if one failed.
emu::FaultReport runGrid(const Launch& launch) {
  std::vector<void*> parameters;
  for (const auto& argument : launch.arguments) parameters.push_back(const_cast<char*>(argument.data()));
  const uint64_t order = deferred() ? draw(1u << 20) + 1 : 0;
  const KernelRef& ref = launch.function.ref;
  const emu::BlockJob job{ref.kernel, parameters.data(), launch.grid, launch.block, launch.sharedBytes,
                          order,      poisonShared};
  const size_t blocks = launch.blocks(), chunk = blocksAtATime(launch);
  emu::FaultReport first;
  std::mutex mutex;
  std::atomic<bool> failed{false};
  emu::parallel((blocks + chunk - 1) / chunk, [&](size_t c) {
    runningLibrary = ref.library;
    for (size_t b = c * chunk; b < std::min(blocks, (c + 1) * chunk) && !failed; ++b) {
      size_t number = order & 1 ? blocks - 1 - b : b;
      if (tracing()) traceBlock(number, sharedStart(ref.library), ref.library->sharedBytes);
      emu::FaultReport report;
      if (emu::runBlock(job, blockIndex(launch.grid, number), report)) continue;
      std::lock_guard<std::mutex> lock(mutex);
      if (!failed.exchange(true)) first = report;
    }
  });
  return first;
}

}  // namespace

CUresult checkLaunch(const Launch& l) {
  const emu::Kernel& kernel = *l.function.ref.kernel;
  const size_t threads = l.threadsPerBlock();
  if (!l.blocks() || !threads) return CUDA_ERROR_INVALID_VALUE;
  if (l.grid.x > limits::kGridX || l.grid.y > limits::kGridYZ || l.grid.z > limits::kGridYZ) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (threads > limits::kThreadsPerBlock || l.block.z > limits::kBlockZ) return CUDA_ERROR_INVALID_VALUE;
  if (threads > kernel.maxThreads) {
    violation("%s: %zu threads per block, but __launch_bounds__(%u)", kernel.name, threads, kernel.maxThreads);
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
  const char* name = launch.function.ref.kernel->name;
  if (!argumentsValid(launch)) {
    launch.context->lost = CUDA_ERROR_ILLEGAL_ADDRESS;
    return;
  }
  flopCount = 0;
  if (tracing()) traceLaunch(launch);
  emu::FaultReport fault = runGrid(launch);
  Traffic traffic = tracing() ? endTrace() : Traffic{0, 0};
  countKernel(name, launch.blocks(), launch.blocks() * launch.threadsPerBlock(), flopCount, traffic);
  if (fault.code) {
    violation("%s", fault.message);
    launch.context->lost = fault.code;
  }
}

}  // namespace shim

void emu_count_flops(uint64_t flops) { shim::flopCount.fetch_add(flops, std::memory_order_relaxed); }
