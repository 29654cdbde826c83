// y = x rounded to another type (nearest even), n elements. Named cast_<type of x>_<type of y>; one thread per four
// elements.
#include "common.cuh"

template <class In, class Out>
__device__ __forceinline__ void cast(const In* x, Out* y, long long n) {
  const long long i = first_element();
  if (i >= n) return;
  store_four(y, i, n, load_four(x, i, n));
}

#define CAST(in, In, out, Out)                                      \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)       \
      cast_##in##_##out(const In* x, Out* y, long long n) {         \
    cast<In, Out>(x, y, n);                                         \
  }

#define CASTS_WITH_F32(name, T)  \
  CAST(f32, float, name, T)      \
  CAST(name, T, f32, float)

FOR_EACH_HALF_TYPE(CASTS_WITH_F32)

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
CAST(f16, half, bf16, __nv_bfloat16)
CAST(bf16, __nv_bfloat16, f16, half)
#endif
