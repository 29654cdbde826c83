// Runs one block of threads as fibers on the calling OS thread.
#pragma once
#include "kernel.h"

namespace emu {

struct BlockJob {
  const Kernel* kernel;
  void* const* parameters;
  dim3 grid, dim;
  unsigned sharedBytes;                 // dynamic shared memory
  uint64_t order;                       // 0: ascending; else a seed for the order of warps and lanes
  void (*poisonShared)(const Kernel*);  // overwrites the static shared variables
};

// What stopped a kernel; message is empty if nothing did.
struct FaultReport {
  int code = 0;
  char message[512] = "";
};

// Runs one block to its end. False if it failed; `fault` then says how.
bool runBlock(const BlockJob& job, uint3 index, FaultReport& fault);

// To be called on a CUDA thread's stack by a signal handler: ends the block at once.
bool insideKernel();
[[noreturn]] void failFromSignal(Fault fault, const char* message);

}  // namespace emu
