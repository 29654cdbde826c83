// What a kernel compiled by g++ and the block scheduler know of each other. One CUDA thread is a
// fiber; all threads of a block run on one OS thread, one at a time, and change places only where
// CUDA says that they wait for each other: at barriers and warp-wide operations.
#pragma once
#include <cstddef>
#include <cstdint>

struct uint3 {
  unsigned x, y, z;
};

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

namespace emu {

constexpr unsigned kWarpSize = 32;
constexpr unsigned kMaxThreads = 1024;

// What a thread offers to a warp-wide operation while it waits: a pointer to something on its stack.
// Once every thread named by the mask has come, `combine` runs once for all of them.
using Combine = void (*)(void* const* offers, unsigned mask);

struct Thread {
  uint3 index;
  unsigned linear;
  void* sp;          // where to continue, while it waits
  int line;          // source line of the operation it waits at
  unsigned warpOps;  // warp operations it has passed in this block
};

struct Warp {
  unsigned fresh;      // bit per lane: not started
  unsigned ready;      // may continue
  unsigned atBarrier;  // waits for the block
  unsigned atWarpOp;   // waits for the lanes of its mask
  unsigned done;
  unsigned mask[kWarpSize];
  Combine combine[kWarpSize];
  void* offer[kWarpSize];
};

// The block that an OS thread is running.
struct Block {
  dim3 grid, dim;
  uint3 index;
  char* dynamicShared;
  unsigned threads, alive, arrived;
  unsigned barriers;  // passed so far
  int barrierLine;
  int sum, all, any;                    // being gathered by the current barrier
  int sumResult, allResult, anyResult;  // of the last one passed
};

// Why a kernel cannot go on. The values are CUresult's.
enum Fault {
  kIllegalAddress = 700,
  kAssert = 710,
  kMisaligned = 716,
  kLaunchFailed = 719,
};

}  // namespace emu

extern "C" {
// The thread and the block that run now on this OS thread.
extern __thread emu::Thread* emu_thread;
extern __thread emu::Block* emu_block;

void emu_block_barrier(int predicate, int line);
// Waits until all live lanes of `mask` have called with the same operation.
void emu_warp_op(unsigned mask, emu::Combine combine, void* offer, int line);
[[noreturn]] void emu_fail(emu::Fault fault, const char* message);
// Floating-point operations done by tensor-core instructions, for the counters.
void emu_count_flops(uint64_t flops);
}
