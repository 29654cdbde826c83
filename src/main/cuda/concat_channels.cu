// z = [x, y] along the channels.
//
// x: [rows, A]; y: [rows, B]; z: [rows, A+B], n elements in z. One thread per four elements of z; where A and B are
// multiples of 4 these come from one side. Moves bits, so one kernel per element size: concat_channels_2 (f16, bf16)
// and concat_channels_4 (f32).
#include "common.cuh"

template <class T>
__device__ __forceinline__ const T* concat_source(const T* x, const T* y, long long i, int a, int b) {
  const long long row = quotient_of(i, a + b);
  const int c = remainder_of(i, a + b);
  return c < a ? x + row * a + c : y + row * b + (c - a);
}

template <class T>
__device__ __forceinline__ void concat_channels(const T* __restrict__ x, const T* __restrict__ y, T* __restrict__ z,
                                                long long n, int a, int b) {
  const long long i = first_element();
  if (i >= n) return;
  if (a % 4 == 0 && b % 4 == 0) {
    *reinterpret_cast<Pack<T>*>(z + i) = *reinterpret_cast<const Pack<T>*>(concat_source(x, y, i, a, b));
  } else {
    for (int j = 0; j < 4 && i + j < n; j++) z[i + j] = *concat_source(x, y, i + j, a, b);
  }
}

#define CONCAT_CHANNELS(size, T)                                                             \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                \
      concat_channels_##size(const T* x, const T* y, T* z, long long n, int a, int b) {      \
    concat_channels<T>(x, y, z, n, a, b);                                                    \
  }

CONCAT_CHANNELS(2, unsigned short)
CONCAT_CHANNELS(4, unsigned int)
