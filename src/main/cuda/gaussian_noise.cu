// Standard normal noise, a pure function of each lane's key: Philox4x32-10 and Box-Muller exactly as Philox.java defines
// them, to the last bit. Every float operation is rounded by itself (no fused multiply-add).
//
// keys: [N, 5] i32 (seed low, seed high, image, sample, stream); y: [N, H, W, C] f32. Block j of a lane yields elements
// 4j ... 4j+3 of its image in [C, H, W] order; one thread per block, blockIdx.y is the lane.
#include "common.cuh"

struct Words {
  unsigned v[4];
};

__device__ __forceinline__ Words philox(unsigned c0, unsigned c1, unsigned c2, unsigned c3, unsigned k0, unsigned k1) {
  for (int round = 0; round < 10; round++) {
    const unsigned long long p0 = 0xD2511F53ULL * c0;
    const unsigned long long p1 = 0xCD9E8D57ULL * c2;
    c0 = static_cast<unsigned>(p1 >> 32) ^ c1 ^ k0;
    c2 = static_cast<unsigned>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<unsigned>(p1);
    c3 = static_cast<unsigned>(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

__device__ __forceinline__ float mul(float a, float b) { return __fmul_rn(a, b); }
__device__ __forceinline__ float add(float a, float b) { return __fadd_rn(a, b); }
__device__ __forceinline__ float sub(float a, float b) { return __fadd_rn(a, -b); }

// ln((w + 0.5)/2^32), at most 0; the polynomial is that of Cephes' logf.
__device__ __forceinline__ float log_uniform(unsigned w) {
  const float u = mul(add(__uint2float_rn(w), 0.5f), 0x1p-32f);
  const int bits = __float_as_int(u);
  int exponent = static_cast<int>(static_cast<unsigned>(bits) >> 23) - 126;
  float m = __int_as_float((bits & 0x007fffff) | 0x3f000000);  // in [0.5, 1)
  if (m < 0.70710678f) {
    exponent -= 1;
    m = add(m, m);
  }
  const float x = sub(m, 1.f);
  const float z = mul(x, x);
  float y = sub(mul(7.0376836292e-2f, x), 1.1514610310e-1f);
  y = add(mul(y, x), 1.1676998740e-1f);
  y = sub(mul(y, x), 1.2420140846e-1f);
  y = add(mul(y, x), 1.4249322787e-1f);
  y = sub(mul(y, x), 1.6668057665e-1f);
  y = add(mul(y, x), 2.0000714765e-1f);
  y = sub(mul(y, x), 2.4999993993e-1f);
  y = add(mul(y, x), 3.3333331174e-1f);
  y = mul(mul(y, x), z);
  const float e = __int2float_rn(exponent);
  y = add(y, mul(-2.12194440e-4f, e));
  y = sub(y, mul(0.5f, z));
  return add(add(x, y), mul(0.693359375f, e));
}

// Box-Muller on two random words.
__device__ __forceinline__ void normal_pair(unsigned w0, unsigned w1, float& first, float& second) {
  const float radius = __fsqrt_rn(mul(-2.f, log_uniform(w0)));
  // The two top bits choose the quadrant; the rest is an angle in [-pi/4, pi/4).
  const float angle = mul(__int2float_rn(static_cast<int>(w1 << 2)), 0x1.921fb6p-32f);
  const float z = mul(angle, angle);
  float s = add(mul(-1.9515295891e-4f, z), 8.3321608736e-3f);
  s = sub(mul(s, z), 1.6666654611e-1f);
  const float sine = add(mul(mul(s, z), angle), angle);
  float c = sub(mul(2.443315711809948e-5f, z), 1.388731625493765e-3f);
  c = add(mul(c, z), 4.166664568298827e-2f);
  const float cosine = add(sub(mul(mul(c, z), z), mul(0.5f, z)), 1.f);
  const unsigned quadrant = w1 >> 30;
  const float a = (quadrant & 1) == 0 ? cosine : sine;
  const float b = (quadrant & 1) == 0 ? sine : cosine;
  first = mul(radius, quadrant == 1 || quadrant == 2 ? -a : a);
  second = mul(radius, quadrant >= 2 ? -b : b);
}

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)
    gaussian_noise_f32(const int* keys, float* y, int pixels, int channels) {
  const int count = pixels * channels;
  const int block = blockIdx.x * blockDim.x + threadIdx.x;
  if (static_cast<long long>(block) * 4 >= count) return;
  const int* key = keys + 5 * blockIdx.y;
  const Words w = philox(block, key[2], key[3], key[4], key[0], key[1]);
  Four r;
  normal_pair(w.v[0], w.v[1], r.v[0], r.v[1]);
  normal_pair(w.v[2], w.v[3], r.v[2], r.v[3]);
  float* image = y + static_cast<long long>(blockIdx.y) * count;
  for (int j = 0; j < 4; j++) {
    const int i = 4 * block + j;
    if (i < count) image[static_cast<long long>(i % pixels) * channels + i / pixels] = r.v[j];
  }
}
