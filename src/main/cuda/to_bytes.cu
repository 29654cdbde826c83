// Pixels in [0, 1] as bytes: x*255, cut off towards zero, modulo 256; 0 from 2^31 on. NaN stays NaN.
//
// x, y: n elements, f32; the results are whole numbers from 0 to 255. One thread per four elements.
#include "common.cuh"

__device__ __forceinline__ float to_byte(float x) {
  const float v = __fmul_rn(x, 255.f);
  if (v != v) return v;
  return fabsf(v) < 2147483648.f ? static_cast<float>(static_cast<int>(v) & 255) : 0.f;
}

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS) to_bytes_f32(const float* x, float* y, long long n) {
  const long long i = first_element();
  if (i >= n) return;
  Four r = load_four(x, i, n);
  for (int j = 0; j < 4; j++) r.v[j] = to_byte(r.v[j]);
  store_four(y, i, n, r);
}
