// Kernels with the mistakes that a GPU may hide and that the harness must show.
#include <mma.h>

extern "C" __global__ void divergent_barrier(int* y) {
  if (threadIdx.x < 16) {
    __syncthreads();
    y[threadIdx.x] = 1;
  } else {
    __syncthreads();
    y[threadIdx.x] = 2;
  }
}

// One lane does not come to the second shuffle, and so its warp never comes to the barrier.
extern "C" __global__ void missing_arrival(int* y) {
  if (threadIdx.x < 32) {
    __syncthreads();
  } else {
    y[threadIdx.x] = __shfl_sync(0xffffffffu, 1, 0);
    if (threadIdx.x < 63) __shfl_sync(0xffffffffu, 1, 0);
    __syncthreads();
  }
}

extern "C" __global__ void lane_outside_mask(int* y) { y[threadIdx.x] = __shfl_sync(0x0000ffffu, 1, 0); }

extern "C" __global__ void write_at(int* y, int index) {
  if (threadIdx.x == 0) y[index] = 7;
}

extern "C" __global__ void read_at(int* y, const int* x, int index) {
  if (threadIdx.x == 0) y[0] = x[index];
}

extern "C" __global__ void trap(int*) { __trap(); }

extern "C" __global__ void failed_assertion(int* y) { assert(y == nullptr); }

// Lacks the barrier between writing and reading shared memory.
extern "C" __global__ void missing_barrier(int* y) {
  __shared__ int row[64];
  row[threadIdx.x] = threadIdx.x;
  y[threadIdx.x] = row[63 - threadIdx.x];
}

extern "C" __global__ void misaligned_tile(float* y) {
  using namespace nvcuda::wmma;
  fragment<accumulator, 16, 16, 16, float> f;
  fill_fragment(f, 1.f);
  store_matrix_sync(y + 1, f, 16, mem_row_major);
}

// Every block writes the same element.
extern "C" __global__ void blocks_collide(int* y) {
  if (threadIdx.x == 0) y[0] = blockIdx.x;
}

// Lanes of one warp exchange through shared memory without __syncwarp().
extern "C" __global__ void missing_syncwarp(int* y) {
  __shared__ int row[32];
  row[threadIdx.x] = threadIdx.x;
  y[threadIdx.x] = row[31 - threadIdx.x];
}

// Writes one element behind the dynamic shared memory that it was given.
extern "C" __global__ void shared_overrun(int*) {
  extern __shared__ int dynamic[];
  dynamic[blockDim.x] = 1;
}
