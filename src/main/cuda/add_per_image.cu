// y = x + one vector per image: a time embedding without scale.
//
// x, y: [N, H*W, C], n elements in all; vector: [N, C] or [1, C] f32 (vector_stride C or 0). Float arithmetic; one
// thread per four elements.
#include "common.cuh"

template <class T>
__device__ __forceinline__ void add_per_image(const T* x, const float* __restrict__ vector, T* y, long long n,
                                              long long elements_per_image, int channels, int vector_stride) {
  const long long i = first_element();
  if (i >= n) return;
  Four r = load_four(x, i, n);
  for (int j = 0; j < 4 && i + j < n; j++) {
    const long long image = quotient_of(i + j, elements_per_image);
    r.v[j] += vector[image * vector_stride + remainder_of(i + j, channels)];
  }
  store_four(y, i, n, r);
}

#define ADD_PER_IMAGE(name, T)                                                                              \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                               \
      add_per_image_##name(const T* x, const float* vector, T* y, long long n, long long elements_per_image, \
                           int channels, int vector_stride) {                                               \
    add_per_image<T>(x, vector, y, n, elements_per_image, channels, vector_stride);                         \
  }

FOR_EACH_TYPE(ADD_PER_IMAGE)
