// y = activation(x + bias + residual), rounded to y's type: what follows a matrix product or a convolution that its
// library could not fuse.
//
// x, residual, y: [rows, C]; bias: [C] f32 or null; residual null or of y's type. y may be x itself.
// Named epilogue_<type of x>_<type of y>. Float arithmetic; one thread per four elements.
#include "common.cuh"

template <class In, class Out>
__device__ __forceinline__ void epilogue(const In* x, const float* __restrict__ bias, const Out* residual, Out* y,
                                         long long n, int channels, int activation) {
  const long long i = first_element();
  if (i >= n) return;
  Four r = load_four(x, i, n);
  if (bias != nullptr) {
    const Four b = channel_four(bias, remainder_of(i, channels), channels);
    for (int j = 0; j < 4; j++) r.v[j] += b.v[j];
  }
  if (residual != nullptr) {
    const Four a = load_four(residual, i, n);
    for (int j = 0; j < 4; j++) r.v[j] += a.v[j];
  }
  for (int j = 0; j < 4; j++) r.v[j] = apply_activation(r.v[j], activation);
  store_four(y, i, n, r);
}

#define EPILOGUE(in, In, out, Out)                                                                                  \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                                       \
      epilogue_##in##_##out(const In* x, const float* bias, const Out* residual, Out* y, long long n, int channels, \
                            int activation) {                                                                       \
    epilogue<In, Out>(x, bias, residual, y, n, channels, activation);                                               \
  }

EPILOGUE(f32, float, f32, float)

#define EPILOGUES_WITH(name, T)     \
  EPILOGUE(name, T, name, T)        \
  EPILOGUE(f32, float, name, T)     \
  EPILOGUE(name, T, f32, float)

FOR_EACH_HALF_TYPE(EPILOGUES_WITH)
