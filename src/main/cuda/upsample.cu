// Nearest-neighbour upsampling: each pixel becomes 2x2.
//
// x: [N, H, W, C]; y: [N, 2H, 2W, C], n elements in y. One thread per four elements of y, which are contiguous in x too
// when C is a multiple of 4. Moves bits, so one kernel per element size: upsample_2 (f16, bf16) and upsample_4 (f32).
#include "common.cuh"

__device__ __forceinline__ long long upsample_source(long long i, int width, int channels) {
  // Row 2h+a, column 2w+b of y comes from row h, column w of x.
  const long long pixel = quotient_of(i, channels);
  const int c = remainder_of(i, channels);
  const long long row = quotient_of(pixel, 2 * width);
  const int column = remainder_of(pixel, 2 * width);
  return ((row / 2) * width + column / 2) * channels + c;
}

template <class T>
__device__ __forceinline__ void upsample(const T* __restrict__ x, T* __restrict__ y, long long n, int width,
                                         int channels) {
  const long long i = first_element();
  if (i >= n) return;
  if (channels % 4 == 0) {
    *reinterpret_cast<Pack<T>*>(y + i) =
        *reinterpret_cast<const Pack<T>*>(x + upsample_source(i, width, channels));
  } else {
    for (int j = 0; j < 4 && i + j < n; j++) y[i + j] = x[upsample_source(i + j, width, channels)];
  }
}

#define UPSAMPLE(size, T)                                                                   \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                               \
      upsample_##size(const T* x, T* y, long long n, int width, int channels) {             \
    upsample<T>(x, y, n, width, channels);                                                  \
  }

UPSAMPLE(2, unsigned short)
UPSAMPLE(4, unsigned int)
