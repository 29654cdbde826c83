// Largest value of size x size windows; what lies beyond the edge counts as nothing. NaN is larger than every number.
//
// x: [N, H, W, C]; y: [N, OH, OW, C], n elements in y. One thread per output element, neighbouring threads take
// neighbouring channels.
#include "common.cuh"

template <class T>
__device__ __forceinline__ void max_pool(const T* __restrict__ x, T* __restrict__ y, long long n, int height, int width,
                                         int out_height, int out_width, int channels, int size, int stride,
                                         int padding) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int c = remainder_of(i, channels);
  const long long pixel = quotient_of(i, channels);
  const int ox = remainder_of(pixel, out_width);
  const long long row = quotient_of(pixel, out_width);
  const int oy = remainder_of(row, out_height);
  const T* image = x + quotient_of(row, out_height) * height * width * channels + c;
  // The padding is at most half a window, so every window has a pixel.
  const int top = max(oy * stride - padding, 0);
  const int left = max(ox * stride - padding, 0);
  const int bottom = min(oy * stride - padding + size, height);
  const int right = min(ox * stride - padding + size, width);
  float largest = to_float(image[(static_cast<long long>(top) * width + left) * channels]);
  for (int sy = top; sy < bottom; sy++) {
    for (int sx = left; sx < right; sx++) {
      const float v = to_float(image[(static_cast<long long>(sy) * width + sx) * channels]);
      if (v > largest || v != v) largest = v;
    }
  }
  from_float(largest, y[i]);
}

#define MAX_POOL(name, T)                                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                                 \
      max_pool_##name(const T* x, T* y, long long n, int height, int width, int out_height, int out_width,    \
                      int channels, int size, int stride, int padding) {                                      \
    max_pool<T>(x, y, n, height, width, out_height, out_width, channels, size, stride, padding);              \
  }

FOR_EACH_TYPE(MAX_POOL)
