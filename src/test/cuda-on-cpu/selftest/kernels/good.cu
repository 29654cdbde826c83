// Kernels that do what CUDA allows; the self-test compares their results with plain loops.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>

extern "C" __global__ void scale(float* y, const float* x, float factor, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] * factor;
}

// Sums of blockDim.x elements by a tree in dynamic shared memory.
extern "C" __global__ void tree_sum(float* y, const float* x) {
  extern __shared__ float partial[];
  int t = threadIdx.x;
  partial[t] = x[blockIdx.x * blockDim.x + t];
  __syncthreads();
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (t < half) partial[t] += partial[t + half];
    __syncthreads();
  }
  if (t == 0) y[blockIdx.x] = partial[0];
}

// Odd threads leave before the barrier: allowed, they no longer count.
extern "C" __global__ void early_exit(int* y) {
  __shared__ int flag;
  if (threadIdx.x % 2) return;
  if (threadIdx.x == 0) flag = 42;
  __syncthreads();
  y[threadIdx.x] = flag;
}

extern "C" __global__ void shuffles(int* y) {
  int lane = threadIdx.x;
  int* row = y + lane * 8;
  row[0] = __shfl_xor_sync(0xffffffffu, lane, 5);
  row[1] = __shfl_down_sync(0xffffffffu, lane, 3, 8);
  row[2] = __shfl_up_sync(0xffffffffu, lane, 3, 8);
  row[3] = __shfl_sync(0xffffffffu, lane, 9, 8);
  // The halves of the warp shuffle a different number of times, each with its own mask.
  unsigned mask = lane < 16 ? 0x0000ffffu : 0xffff0000u;
  int v = lane;
  for (int i = 0; i < (lane < 16 ? 1 : 3); i++) v = __shfl_xor_sync(mask, v, 1 << i);
  row[4] = v;
  row[5] = __ballot_sync(0xffffffffu, lane % 3 == 0);
  row[6] = __reduce_add_sync(0xffffffffu, lane);
  row[7] = __match_any_sync(0xffffffffu, lane / 8);
}

extern "C" __global__ void block_votes(int* y) {
  int count = __syncthreads_count(threadIdx.x % 3 == 0);
  int all = __syncthreads_and(threadIdx.x < 96);
  int any = __syncthreads_or(threadIdx.x == 95);
  if (threadIdx.x == 0) {
    y[0] = count;
    y[1] = all;
    y[2] = any;
  }
}

// What is in shared memory that nobody has written: [static, dynamic] per block.
extern "C" __global__ void fresh_shared(unsigned* y) {
  __shared__ unsigned fixed[64];
  extern __shared__ unsigned dynamic[];
  unsigned seen = fixed[threadIdx.x];
  __syncthreads();
  fixed[threadIdx.x] = 1;
  if (threadIdx.x == 0) {
    y[2 * blockIdx.x] = seen;
    y[2 * blockIdx.x + 1] = dynamic[3];
    dynamic[3] = 1;
  }
}

extern "C" __global__ void count_atomically(int* total, float* sum) {
  atomicAdd(total, 1);
  atomicAdd(sum, 0.5f);
}

// Three ways of a * b + c.
extern "C" __global__ void contraction(float* y, float a, float b, float c) {
  y[0] = a * b + c;
  y[1] = fmaf(a, b, c);
  y[2] = __fadd_rn(__fmul_rn(a, b), c);
}

extern "C" __global__ void convert(unsigned short* halves, unsigned short* bfloats, const float* x, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  halves[i] = __half_as_ushort(__float2half_rn(x[i]));
  bfloats[i] = __bfloat16_as_ushort(__float2bfloat16_rn(x[i]));
}

// One warp: y[16][16] = a[16][k] * b[16][k]^T
template <class T>
__device__ void product(float* y, const T* a, const T* b, int k) {
  using namespace nvcuda::wmma;
  fragment<accumulator, 16, 16, 16, float> sum;
  fill_fragment(sum, 0.f);
  for (int i = 0; i < k; i += 16) {
    fragment<matrix_a, 16, 16, 16, T, row_major> left;
    fragment<matrix_b, 16, 16, 16, T, col_major> right;
    load_matrix_sync(left, a + i, k);
    load_matrix_sync(right, b + i, k);
    mma_sync(sum, left, right, sum);
  }
  store_matrix_sync(y, sum, 16, mem_row_major);
}

extern "C" __global__ void product_f16(float* y, const half* a, const half* b, int k) { product(y, a, b, k); }
extern "C" __global__ void product_bf16(float* y, const __nv_bfloat16* a, const __nv_bfloat16* b, int k) {
  product(y, a, b, k);
}

extern "C" __global__ void product_tf32(float* y, const float* a, const float* b, int k) {
  using namespace nvcuda::wmma;
  fragment<accumulator, 16, 16, 8, float> sum;
  fill_fragment(sum, 0.f);
  for (int i = 0; i < k; i += 8) {
    fragment<matrix_a, 16, 16, 8, precision::tf32, row_major> left;
    fragment<matrix_b, 16, 16, 8, precision::tf32, col_major> right;
    load_matrix_sync(left, a + i, k);
    load_matrix_sync(right, b + i, k);
    for (int e = 0; e < left.num_elements; e++) left.x[e] = __float_to_tf32(left.x[e]);
    for (int e = 0; e < right.num_elements; e++) right.x[e] = __float_to_tf32(right.x[e]);
    mma_sync(sum, left, right, sum);
  }
  store_matrix_sync(y, sum, 16, mem_col_major);
}

extern "C" __global__ void __launch_bounds__(128) bounded(int* y) { y[0] = 1; }

// Lanes of one warp exchange through shared memory, in order.
extern "C" __global__ void warp_exchange(int* y) {
  __shared__ int rows[4][32];
  int* row = rows[threadIdx.x / 32];
  int lane = threadIdx.x % 32;
  for (int i = 0; i < 3; i++) {
    row[lane] = threadIdx.x + i;
    __syncwarp();
    y[threadIdx.x] = row[31 - lane] + row[0] - row[0];  // row[0] is read by all
    __syncwarp();
  }
}
