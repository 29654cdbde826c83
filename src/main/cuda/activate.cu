// y = activation(x), any shape of n elements. Float arithmetic; one thread per four elements. Memory-bound.
#include "common.cuh"

template <class T>
__device__ __forceinline__ void activate(const T* x, T* y, long long n, int activation) {
  const long long i = first_element();
  if (i >= n) return;
  Four r = load_four(x, i, n);
  for (int j = 0; j < 4; j++) r.v[j] = apply_activation(r.v[j], activation);
  store_four(y, i, n, r);
}

#define ACTIVATE(name, T)                                                       \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                   \
      activate_##name(const T* x, T* y, long long n, int activation) {          \
    activate<T>(x, y, n, activation);                                           \
  }

FOR_EACH_TYPE(ACTIVATE)
