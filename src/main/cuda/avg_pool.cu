// Mean over size x size windows without padding; rows and columns left over are dropped.
//
// x: [N, H, W, C]; y: [N, OH, OW, C], n elements in y. Summed in float, row by row; one thread per output element,
// neighbouring threads take neighbouring channels.
#include "common.cuh"

template <class T>
__device__ __forceinline__ void avg_pool(const T* __restrict__ x, T* __restrict__ y, long long n, int height, int width,
                                         int out_height, int out_width, int channels, int size, int stride) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int c = remainder_of(i, channels);
  const long long pixel = quotient_of(i, channels);
  const int ox = remainder_of(pixel, out_width);
  const long long row = quotient_of(pixel, out_width);
  const int oy = remainder_of(row, out_height);
  const long long image = quotient_of(row, out_height);
  const T* window = x + ((image * height + oy * stride) * width + ox * stride) * channels + c;
  float sum = 0.f;
  for (int ky = 0; ky < size; ky++) {
    for (int kx = 0; kx < size; kx++) sum += to_float(window[(static_cast<long long>(ky) * width + kx) * channels]);
  }
  from_float(sum / static_cast<float>(size * size), y[i]);
}

#define AVG_POOL(name, T)                                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                                 \
      avg_pool_##name(const T* x, T* y, long long n, int height, int width, int out_height, int out_width,    \
                      int channels, int size, int stride) {                                                   \
    avg_pool<T>(x, y, n, height, width, out_height, out_width, channels, size, stride);                       \
  }

FOR_EACH_TYPE(AVG_POOL)
