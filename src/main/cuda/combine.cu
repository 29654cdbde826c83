// z = (a*x + b*y) + c in f32, n elements; y may be null if b is 0. Each operation is rounded by itself (no fused
// multiply-add), so that every backend yields the same bits. One thread per four elements.
#include "common.cuh"

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)
    combine_f32(float a, const float* x, float b, const float* y, float c, float* z, long long n) {
  const long long i = first_element();
  if (i >= n) return;
  Four r = load_four(x, i, n);
  for (int j = 0; j < 4; j++) r.v[j] = __fmul_rn(a, r.v[j]);
  if (y != nullptr) {
    const Four s = load_four(y, i, n);
    for (int j = 0; j < 4; j++) r.v[j] = __fadd_rn(r.v[j], __fmul_rn(b, s.v[j]));
  }
  for (int j = 0; j < 4; j++) r.v[j] = __fadd_rn(r.v[j], c);
  store_four(z, i, n, r);
}
