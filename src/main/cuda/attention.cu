// Multi-head scaled dot-product attention, softmax(q k^T / sqrt(d) + bias) v, without ever storing the T x T scores.
//
// qkv: [N, T, 3C] read in place in either layout: q, k and v of head h start at channel h*head_stride + part*part_stride
// (heads first: 3d and d; qkv first: d and C). y: [N, T, C], heads outermost in C. d = C/heads up to the kernel's
// D (16, 32, 64 or 128; smaller heads are padded with zeros on chip). Softmax and sums in float, online as in
// FlashAttention (Dao et al. 2022): a running maximum and sum per query, results rescaled when the maximum grows.
// Grid: (queries / 64, heads, N), 128 threads.
//
// Kernels called attention_biased_... add bias[h, i, j] = table[h, index[i, j]] to the scores; table: [heads, entries]
// f32; index: [T, T] i32, shared by all heads and layers. Both stay in the caches, which the [heads, T, T] numbers they
// stand for would not. They are kernels of their own because they need more registers.
//
// attention_<f16|bf16>_<D>: wmma 16x16x16 tensor-core products; each warp owns 16 queries, q and the result stay in
// registers, tiles of 32 keys and values pass through shared memory. Probabilities are rounded to the storage type, as
// every tensor-core attention does. wmma does not say which element a lane holds, so each warp loads a tile of row
// numbers once and uses it to rescale rows in registers.
//
// attention_f32_<D>: plain float arithmetic, exact up to the order of summation; each thread owns one query and one
// eighth of its channels. Grid: (queries / 16, heads, N), 128 threads.
#include "common.cuh"

#include <mma.h>

#define ATTENTION_THREADS 128
#define KEYS 32  // keys per tile

// Where head h of image n starts, and how q, k, v and the tokens follow each other.
struct Heads {
  int tokens;
  int dim;
  int token_stride;  // 3C
  int head_stride;
  int part_stride;
};

// What is added to the scores.
struct Bias {
  const float* table;  // [heads, entries]
  const int* index;    // [tokens, tokens]
  int entries;
  int tokens;

  __device__ __forceinline__ float at(int query, int key) const {
    return table[static_cast<int>(blockIdx.y) * entries + index[query * tokens + key]];
  }
};

// NVRTC has no INFINITY.
__device__ __forceinline__ float minus_infinity() { return __int_as_float(0xff800000); }

__device__ __forceinline__ float largest(float a, float b) { return a > b ? a : b; }  // b if a is NaN: exp(NaN) tells

// ---- Tensor cores -------------------------------------------------------------------------------------------------

#define QUERIES 64         // queries per block
#define WARP_QUERIES 16    // queries per warp
#define SCORE_LD (KEYS + 4)  // row length of the score tile; padded against bank conflicts
#define PROB_LD (KEYS + 8)

// `rows` tokens from `first` on, d channels each, to shared memory [rows][D + 8]; zeros outside.
template <int D, class T>
__device__ __forceinline__ void load_tile(const T* __restrict__ head, const Heads& h, int part, int first, int rows,
                                          T* tile) {
  T zero;
  from_float(0.f, zero);
  if (h.dim % 4 == 0) {
    #pragma unroll 4
    for (int i = threadIdx.x; i < rows * (D / 4); i += ATTENTION_THREADS) {
      const int r = i / (D / 4);
      const int c = i % (D / 4) * 4;
      Pack<T> p = {{zero, zero, zero, zero}};
      if (first + r < h.tokens && c < h.dim) {
        p = *reinterpret_cast<const Pack<T>*>(head + static_cast<long long>(first + r) * h.token_stride +
                                              part * h.part_stride + c);
      }
      *reinterpret_cast<Pack<T>*>(tile + r * (D + 8) + c) = p;
    }
  } else {
    #pragma unroll 1
    for (int i = threadIdx.x; i < rows * D; i += ATTENTION_THREADS) {
      const int r = i / D;
      const int c = i % D;
      tile[r * (D + 8) + c] = first + r < h.tokens && c < h.dim
                                  ? head[static_cast<long long>(first + r) * h.token_stride + part * h.part_stride + c]
                                  : zero;
    }
  }
}

// Scales a warp's tile of scores [16][SCORE_LD] and adds the bias; each lane takes one key.
__device__ __forceinline__ void scale_and_bias(float* scores, const Bias& bias, float scale, int first_key) {
  const int key = first_key + threadIdx.x % 32;
  const int first_query = blockIdx.x * QUERIES + threadIdx.x / 32 * WARP_QUERIES;
  float* column = scores + threadIdx.x % 32;
  #pragma unroll 4
  for (int r = 0; r < WARP_QUERIES; r++) {
    if (first_query + r < bias.tokens && key < bias.tokens) {
      column[r * SCORE_LD] = column[r * SCORE_LD] * scale + bias.at(first_query + r, key);
    }
  }
}

// One step of the online softmax for a warp's 16 queries: scores [16][SCORE_LD] to probabilities [16][PROB_LD]. Two
// lanes share a query. Returns, per lane, the new maximum and sum; correction[16] receives the factors of the old sums.
template <class T>
__device__ __forceinline__ void softmax_tile(const float* scores, T* probabilities, float* correction, float scale,
                                             int valid, float& maximum, float& sum) {
  const int row = (threadIdx.x % 32) / 2;
  const int first = threadIdx.x % 2 * (KEYS / 2);
  float s[KEYS / 2];
  float tile_max = minus_infinity();
  for (int j = 0; j < KEYS / 2; j++) {
    s[j] = first + j < valid ? scores[row * SCORE_LD + first + j] * scale : minus_infinity();
    tile_max = largest(s[j], tile_max);
  }
  tile_max = largest(tile_max, __shfl_xor_sync(0xffffffffu, tile_max, 1));
  const float new_max = largest(maximum, tile_max);
  float tile_sum = 0.f;
  for (int j = 0; j < KEYS / 2; j++) {
    const float p = expf(s[j] - new_max);
    tile_sum += p;
    from_float(p, probabilities[row * PROB_LD + first + j]);
  }
  tile_sum += __shfl_xor_sync(0xffffffffu, tile_sum, 1);
  const float factor = expf(maximum - new_max);
  if (threadIdx.x % 2 == 0) correction[row] = factor;
  sum = sum * factor + tile_sum;
  maximum = new_max;
}

template <int D, bool BIASED, class T>
__device__ __forceinline__ void attention_tensor_core(const T* __restrict__ qkv, T* __restrict__ y, const Heads& h,
                                                      float scale, const Bias& bias) {
  using namespace nvcuda::wmma;
  constexpr int LD = D + 8;
  __shared__ __align__(32) T keys_values[2 * KEYS * LD];  // queries pass through here first
  __shared__ __align__(32) float scores_of[ATTENTION_THREADS / 32][WARP_QUERIES * SCORE_LD];
  __shared__ __align__(32) T probabilities_of[ATTENTION_THREADS / 32][WARP_QUERIES * PROB_LD];
  __shared__ float correction_of[ATTENTION_THREADS / 32][WARP_QUERIES];
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  float* scores = scores_of[warp];
  T* probabilities = probabilities_of[warp];
  float* correction = correction_of[warp];
  T* keys = keys_values;
  T* values = keys_values + KEYS * LD;
  const T* head = qkv + static_cast<long long>(blockIdx.z) * h.tokens * h.token_stride +
                  static_cast<long long>(blockIdx.y) * h.head_stride;
  const int first_query = blockIdx.x * QUERIES;

  fragment<matrix_a, 16, 16, 16, T, row_major> query[D / 16];
  load_tile<D>(head, h, 0, first_query, QUERIES, keys_values);
  __syncthreads();
  for (int k = 0; k < D / 16; k++) {
    load_matrix_sync(query[k], keys_values + warp * WARP_QUERIES * LD + k * 16, LD);
  }

  // The row that each element of an accumulator belongs to.
  fragment<accumulator, 16, 16, 16, float> row_of;
  #pragma unroll 1
  for (int i = lane; i < 16 * 16; i += 32) scores[i / 16 * SCORE_LD + i % 16] = static_cast<float>(i / 16);
  __syncwarp();
  load_matrix_sync(row_of, scores, SCORE_LD, mem_row_major);

  fragment<accumulator, 16, 16, 16, float> result[D / 16];
  for (int k = 0; k < D / 16; k++) fill_fragment(result[k], 0.f);
  float maximum = minus_infinity();
  float sum = 0.f;
  #pragma unroll 1
  for (int first_key = 0; first_key < h.tokens; first_key += KEYS) {
    __syncthreads();  // the previous tile has been used by all
    load_tile<D>(head, h, 1, first_key, KEYS, keys);
    load_tile<D>(head, h, 2, first_key, KEYS, values);
    __syncthreads();
    for (int j = 0; j < KEYS / 16; j++) {
      fragment<accumulator, 16, 16, 16, float> score;
      fill_fragment(score, 0.f);
      for (int k = 0; k < D / 16; k++) {
        fragment<matrix_b, 16, 16, 16, T, col_major> key;
        load_matrix_sync(key, keys + j * 16 * LD + k * 16, LD);
        mma_sync(score, query[k], key, score);
      }
      store_matrix_sync(scores + j * 16, score, SCORE_LD, mem_row_major);
    }
    __syncwarp();
    if (BIASED) {
      scale_and_bias(scores, bias, scale, first_key);
      __syncwarp();
    }
    softmax_tile(scores, probabilities, correction, BIASED ? 1.f : scale, h.tokens - first_key, maximum, sum);
    __syncwarp();
    for (int k = 0; k < D / 16; k++) {
      for (int i = 0; i < result[k].num_elements; i++) result[k].x[i] *= correction[static_cast<int>(row_of.x[i])];
    }
    for (int j = 0; j < KEYS / 16; j++) {
      fragment<matrix_a, 16, 16, 16, T, row_major> probability;
      load_matrix_sync(probability, probabilities + j * 16, PROB_LD);
      for (int k = 0; k < D / 16; k++) {
        fragment<matrix_b, 16, 16, 16, T, row_major> value;
        load_matrix_sync(value, values + j * 16 * LD + k * 16, LD);
        mma_sync(result[k], probability, value, result[k]);
      }
    }
  }

  __syncwarp();
  if (lane % 2 == 0) correction[lane / 2] = 1.f / sum;
  for (int k = 0; k < D / 16; k++) {
    __syncwarp();
    store_matrix_sync(scores, result[k], SCORE_LD, mem_row_major);
    __syncwarp();
    #pragma unroll 1
    for (int i = lane; i < 16 * 16; i += 32) {
      const int r = i / 16;
      const int c = k * 16 + i % 16;
      const int token = first_query + warp * WARP_QUERIES + r;
      if (token < h.tokens && c < h.dim) {
        const long long channels = static_cast<long long>(gridDim.y) * h.dim;
        from_float(scores[r * SCORE_LD + i % 16] * correction[r],
                   y[(static_cast<long long>(blockIdx.z) * h.tokens + token) * channels + blockIdx.y * h.dim + c]);
      }
    }
  }
}

#define ATTENTION_TENSOR_CORE_D(name, T, D)                                                                           \
  extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, D > 64 ? 2 : 4)                                     \
      attention_##name##_##D(const T* qkv, T* y, int tokens, int dim, int token_stride, int head_stride,              \
                             int part_stride, float scale) {                                                          \
    attention_tensor_core<D, false>(qkv, y, Heads{tokens, dim, token_stride, head_stride, part_stride}, scale,        \
                                    Bias{});                                                                          \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS, D > 64 ? 2 : 3)                                     \
      attention_biased_##name##_##D(const T* qkv, T* y, int tokens, int dim, int token_stride, int head_stride,       \
                                    int part_stride, float scale, const float* table, const int* index,               \
                                    int entries) {                                                                    \
    attention_tensor_core<D, true>(qkv, y, Heads{tokens, dim, token_stride, head_stride, part_stride}, scale,         \
                                   Bias{table, index, entries, tokens});                                              \
  }

#define ATTENTION_TENSOR_CORE(name, T)   \
  ATTENTION_TENSOR_CORE_D(name, T, 16)   \
  ATTENTION_TENSOR_CORE_D(name, T, 32)   \
  ATTENTION_TENSOR_CORE_D(name, T, 64)   \
  ATTENTION_TENSOR_CORE_D(name, T, 128)

FOR_EACH_HALF_TYPE(ATTENTION_TENSOR_CORE)

// ---- Float --------------------------------------------------------------------------------------------------------

#define FLOAT_QUERIES 16
#define LANES (ATTENTION_THREADS / FLOAT_QUERIES)  // threads per query

template <int D, bool BIASED>
__device__ __forceinline__ void attention_float(const float* __restrict__ qkv, float* __restrict__ y, const Heads& h,
                                                float scale, const Bias& bias) {
  __shared__ float queries[FLOAT_QUERIES][D + 1];
  __shared__ float keys[KEYS][D + 1];
  __shared__ float values[KEYS][D + 1];
  __shared__ float probabilities[FLOAT_QUERIES][KEYS + 1];
  const int row = threadIdx.x / LANES;
  const int lane = threadIdx.x % LANES;
  const float* head = qkv + static_cast<long long>(blockIdx.z) * h.tokens * h.token_stride +
                      static_cast<long long>(blockIdx.y) * h.head_stride;
  const int first_query = blockIdx.x * FLOAT_QUERIES;
  #pragma unroll 1
  for (int i = threadIdx.x; i < FLOAT_QUERIES * D; i += ATTENTION_THREADS) {
    const int token = first_query + i / D;
    queries[i / D][i % D] = token < h.tokens && i % D < h.dim
                                ? head[static_cast<long long>(token) * h.token_stride + i % D]
                                : 0.f;
  }
  float result[D / LANES];
  for (int c = 0; c < D / LANES; c++) result[c] = 0.f;
  float maximum = minus_infinity();
  float sum = 0.f;
  #pragma unroll 1
  for (int first_key = 0; first_key < h.tokens; first_key += KEYS) {
    __syncthreads();
    #pragma unroll 4
    for (int i = threadIdx.x; i < KEYS * D; i += ATTENTION_THREADS) {
      const int token = first_key + i / D;
      const bool inside = token < h.tokens && i % D < h.dim;
      const float* at = head + static_cast<long long>(token) * h.token_stride + i % D;
      keys[i / D][i % D] = inside ? at[h.part_stride] : 0.f;
      values[i / D][i % D] = inside ? at[2 * h.part_stride] : 0.f;
    }
    __syncthreads();
    float s[KEYS / LANES];
    for (int j = 0; j < KEYS / LANES; j++) s[j] = 0.f;
    for (int c = 0; c < D; c++) {
      const float q = queries[row][c];
      for (int j = 0; j < KEYS / LANES; j++) s[j] += q * keys[j * LANES + lane][c];
    }
    float tile_max = minus_infinity();
    for (int j = 0; j < KEYS / LANES; j++) {
      const int key = first_key + j * LANES + lane;
      s[j] = key < h.tokens ? s[j] * scale : minus_infinity();
      if (BIASED && key < h.tokens && first_query + row < h.tokens) {
        s[j] += bias.at(first_query + row, key);
      }
      tile_max = largest(s[j], tile_max);
    }
    for (int offset = LANES / 2; offset > 0; offset /= 2) {
      tile_max = largest(tile_max, __shfl_xor_sync(0xffffffffu, tile_max, offset));
    }
    const float new_max = largest(maximum, tile_max);
    float tile_sum = 0.f;
    for (int j = 0; j < KEYS / LANES; j++) {
      const float p = expf(s[j] - new_max);
      tile_sum += p;
      probabilities[row][j * LANES + lane] = p;
    }
    for (int offset = LANES / 2; offset > 0; offset /= 2) tile_sum += __shfl_xor_sync(0xffffffffu, tile_sum, offset);
    const float factor = expf(maximum - new_max);
    sum = sum * factor + tile_sum;
    maximum = new_max;
    __syncwarp();
    for (int c = 0; c < D / LANES; c++) result[c] *= factor;
    for (int j = 0; j < KEYS; j++) {
      const float p = probabilities[row][j];
      for (int c = 0; c < D / LANES; c++) result[c] += p * values[j][c * LANES + lane];
    }
  }
  const int token = first_query + row;
  if (token >= h.tokens) return;
  const long long channels = static_cast<long long>(gridDim.y) * h.dim;
  float* out = y + (static_cast<long long>(blockIdx.z) * h.tokens + token) * channels + blockIdx.y * h.dim;
  for (int c = 0; c < D / LANES; c++) {
    if (c * LANES + lane < h.dim) out[c * LANES + lane] = result[c] / sum;
  }
}

#define ATTENTION_FLOAT(D)                                                                                            \
  extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS)                                                     \
      attention_f32_##D(const float* qkv, float* y, int tokens, int dim, int token_stride, int head_stride,           \
                        int part_stride, float scale) {                                                               \
    attention_float<D, false>(qkv, y, Heads{tokens, dim, token_stride, head_stride, part_stride}, scale, Bias{});     \
  }                                                                                                                   \
  extern "C" __global__ void __launch_bounds__(ATTENTION_THREADS)                                                     \
      attention_biased_f32_##D(const float* qkv, float* y, int tokens, int dim, int token_stride, int head_stride,    \
                               int part_stride, float scale, const float* table, const int* index, int entries) {     \
    attention_float<D, true>(qkv, y, Heads{tokens, dim, token_stride, head_stride, part_stride}, scale,               \
                             Bias{table, index, entries, tokens});                                                    \
  }

ATTENTION_FLOAT(16)
ATTENTION_FLOAT(32)
ATTENTION_FLOAT(64)
ATTENTION_FLOAT(128)
