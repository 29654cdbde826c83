// y[n] = transposed x[n].
//
// x: [N, A, B]; y: [N, B, A]. Grid: (B / 32, A / 32, N). A block moves a tile of 32 x 32 through shared memory, so that
// it reads and writes along rows. Moves bits, so one kernel per element size: transpose_2 (f16, bf16), transpose_4 (f32).
#include "common.cuh"

#define TILE 32
#define TILE_ROWS (BLOCK_THREADS / TILE)  // that the block moves at once

template <class T>
__device__ __forceinline__ void transpose(const T* __restrict__ x, T* __restrict__ y, int a, int b) {
  __shared__ T tile[TILE][TILE + 1];  // padded against bank conflicts
  const int column = threadIdx.x % TILE;
  const int row = threadIdx.x / TILE;
  const long long start = static_cast<long long>(blockIdx.z) * a * b;
  const int first_a = blockIdx.y * TILE;
  const int first_b = blockIdx.x * TILE;
  for (int r = row; r < TILE; r += TILE_ROWS) {
    if (first_a + r < a && first_b + column < b) {
      tile[r][column] = x[start + static_cast<long long>(first_a + r) * b + first_b + column];
    }
  }
  __syncthreads();
  for (int r = row; r < TILE; r += TILE_ROWS) {
    if (first_b + r < b && first_a + column < a) {
      y[start + static_cast<long long>(first_b + r) * a + first_a + column] = tile[column][r];
    }
  }
}

#define TRANSPOSE(size, T)                                                                                        \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS) transpose_##size(const T* x, T* y, int a, int b) {  \
    transpose<T>(x, y, a, b);                                                                                     \
  }

TRANSPOSE(2, unsigned short)
TRANSPOSE(4, unsigned int)
