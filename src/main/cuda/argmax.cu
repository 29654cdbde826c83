// Index of the largest of each row: the lowest index on ties; -1 for a row with a NaN or an infinity.
//
// x: [rows, K]; y: [rows] i32. One warp per row: each lane scans every 32nd element, then a butterfly.
#include "common.cuh"

// NaN for everything that is not finite.
__device__ __forceinline__ float finite_or_nan(float v) { return v + (v - v); }

// NaN is larger than every number here, so that one of them wins its row. Whether (a, at index i) comes before (b, at index j).
__device__ __forceinline__ bool beats(float a, int i, float b, int j) {
  const bool a_nan = a != a;
  const bool b_nan = b != b;
  if (a_nan != b_nan) return a_nan;
  if (a > b) return true;
  return (a == b || a_nan) && i < j;
}

template <class T>
__device__ __forceinline__ void argmax(const T* __restrict__ x, int* __restrict__ y, int rows, int k) {
  const int row = blockIdx.x * (BLOCK_THREADS / 32) + threadIdx.x / 32;
  if (row >= rows) return;  // whole warps leave
  const int lane = threadIdx.x % 32;
  const T* values = x + static_cast<long long>(row) * k;
  // A lane without an element holds the first one, which changes nothing.
  int best = lane < k ? lane : 0;
  float largest = finite_or_nan(to_float(values[best]));
  for (int i = lane + 32; i < k; i += 32) {
    const float v = finite_or_nan(to_float(values[i]));
    if (beats(v, i, largest, best)) {
      largest = v;
      best = i;
    }
  }
  for (int offset = 16; offset > 0; offset /= 2) {
    const float v = __shfl_xor_sync(0xffffffffu, largest, offset);
    const int i = __shfl_xor_sync(0xffffffffu, best, offset);
    if (beats(v, i, largest, best)) {
      largest = v;
      best = i;
    }
  }
  if (lane == 0) y[row] = largest == largest ? best : -1;
}

#define ARGMAX(name, T)                                           \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)     \
      argmax_##name(const T* x, int* y, int rows, int k) {        \
    argmax<T>(x, y, rows, k);                                     \
  }

FOR_EACH_TYPE(ARGMAX)
