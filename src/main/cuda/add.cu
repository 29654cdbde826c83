// z = x + y, any shape of n elements, all of one type. Float arithmetic; one thread per four elements. Memory-bound.
#include "common.cuh"

template <class T>
__device__ __forceinline__ void add(const T* x, const T* y, T* z, long long n) {
  const long long i = first_element();
  if (i >= n) return;
  Four a = load_four(x, i, n);
  const Four b = load_four(y, i, n);
  for (int j = 0; j < 4; j++) a.v[j] += b.v[j];
  store_four(z, i, n, a);
}

#define ADD(name, T)                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)   \
      add_##name(const T* x, const T* y, T* z, long long n) {   \
    add<T>(x, y, z, n);                                         \
  }

FOR_EACH_TYPE(ADD)
