// y[n] = table[ids[n]]: rows of a table, as a class embedding needs.
//
// ids: [N] i32; table: [K, D] f32; y: [N, D] f32, n elements in y. An id outside [0, K) yields a row of NaN rather than
// a read out of bounds. One thread per element of y; tiny.
#include "common.cuh"

extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)
    embedding_f32(const int* ids, const float* table, float* y, long long n, int rows, int dim) {
  const long long i = static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const int id = ids[quotient_of(i, dim)];
  y[i] = id >= 0 && id < rows ? table[static_cast<long long>(id) * dim + remainder_of(i, dim)] : nanf("");
}
