// Put in front of every .cu file (g++ -include): CUDA C++'s keywords, built-in variables and
// functions, so that the file compiles as it stands.
#pragma once

#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "kernel.h"
#include "runtime.h"

#define CUDA_ON_CPU 1
// Kernels may ask which architecture they are compiled for: tensor cores, bf16 and tf32 are there.
#define __CUDA_ARCH__ 800

#define __host__
#define __device__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__
#ifndef CUDA_ON_CPU_SCAN  // wrap-kernel.sh looks for these two words
#define __global__
#define __launch_bounds__(...)
#endif
// All threads of a block share an OS thread. `extern __shared__` is rewritten by wrap-kernel.sh.
#define __shared__ static __thread

#define threadIdx (emu_thread->index)
#define blockIdx (emu_block->index)
#define blockDim (emu_block->dim)
#define gridDim (emu_block->grid)
constexpr int warpSize = 32;

#include "atomics.h"
#include "intrinsics.h"
#include "vector_types.h"
#include "warp.h"

inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() {}
inline void __threadfence_system() { __threadfence(); }
[[noreturn]] inline void __trap() { emu_fail(emu::kLaunchFailed, "__trap()"); }

#undef assert
#define assert(condition) ((condition) ? void() : emu_fail(emu::kAssert, "assertion failed: " #condition))
