// y = activation(x*scale + shift) per channel: batch normalisation at inference, input normalisation.
//
// x, y: [rows, C], n elements in all; scale, shift: [C] f32. Float arithmetic; one thread per four elements.
#include "common.cuh"

template <class T>
__device__ __forceinline__ void channel_affine(const T* x, const float* __restrict__ scale,
                                               const float* __restrict__ shift, T* y, long long n, int channels,
                                               int activation) {
  const long long i = first_element();
  if (i >= n) return;
  Four r = load_four(x, i, n);
  const int c = remainder_of(i, channels);
  const Four a = channel_four(scale, c, channels);
  const Four b = channel_four(shift, c, channels);
  for (int j = 0; j < 4; j++) r.v[j] = apply_activation(r.v[j] * a.v[j] + b.v[j], activation);
  store_four(y, i, n, r);
}

#define CHANNEL_AFFINE(name, T)                                                                                 \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                                   \
      channel_affine_##name(const T* x, const float* scale, const float* shift, T* y, long long n, int channels, \
                            int activation) {                                                                   \
    channel_affine<T>(x, scale, shift, y, n, channels, activation);                                             \
  }

FOR_EACH_TYPE(CHANNEL_AFFINE)
