// Sinusoidal timestep embedding: y[n] = [cos(t*f), sin(t*f), 0 if dim is odd], f_i = exp(-ln(10000)*i/half).
//
// t: [N] f32; y: [N, dim] f32. The frequency's argument is in f32 as in the original; its exponential is taken in
// double and rounded once, since t (up to 3999) multiplies its error. One thread per element of y; tiny.
#include "common.cuh"

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)
    timestep_embedding_f32(const float* t, float* y, long long n, int dim) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int half_dim = dim / 2;
  const int column = remainder_of(i, dim);
  if (column >= 2 * half_dim) {
    y[i] = 0.f;
    return;
  }
  const int k = column < half_dim ? column : column - half_dim;
  const float exponent = __fmul_rn(-9.210340371976184f, static_cast<float>(k)) / static_cast<float>(half_dim);
  const float frequency = static_cast<float>(exp(static_cast<double>(exponent)));
  const float angle = __fmul_rn(t[quotient_of(i, dim)], frequency);
  y[i] = column < half_dim ? cosf(angle) : sinf(angle);
}
