// Group normalisation over (H, W, C/groups), then optionally norm*(1 + scale) + shift per image, then the activation.
//
// x, y: [N, H*W, C]; weight, bias: [C] f32; scale_shift: [N, 2C] or [1, 2C] f32, scale first (scale_shift_stride 2C or
// 0), or null. Statistics in float.
//
// Two kernels, both on a grid of (chunks of rows, N). group_norm_statistics_<type>: each block runs Welford's algorithm
// over its rows, one thread per four channels, merges rows and channels in a fixed order and writes (mean, M2) per
// group. group_norm_apply_<type>: each block merges all chunks' statistics (a few KB from L2), folds weight, bias and
// scale-shift into three numbers per channel, then streams its rows. No atomics: the result does not depend on the
// order in which blocks run. The chunks depend on H*W and C alone, so it does not depend on the batch either. x is read
// twice; a single-kernel variant would need a whole group (up to 1 MB) on chip.
#include "common.cuh"

// Count, mean and sum of squared deviations of a set of numbers.
struct Moments {
  float count;
  float mean;
  float m2;
};

// Chan, Golub and LeVeque's update: the moments of the union.
__device__ __forceinline__ Moments merged(const Moments& a, const Moments& b) {
  const float count = a.count + b.count;
  if (count == 0.f) return a;
  const float delta = b.mean - a.mean;
  const float share = b.count / count;
  return {count, a.mean + delta * share, a.m2 + b.m2 + delta * delta * a.count * share};
}

__device__ __forceinline__ int smaller(int a, int b) { return a < b ? a : b; }

// Welford over rows first, first+step, ... for V neighbouring channels.
template <int V, class T>
__device__ __forceinline__ void row_moments(const T* __restrict__ x, int channels, int first, int last, int step,
                                            float* mean, float* m2) {
  for (int j = 0; j < V; j++) mean[j] = m2[j] = 0.f;
  float count = 0.f;
  for (int r = first; r < last; r += step) {
    float v[V];
    const T* at = x + static_cast<long long>(r) * channels;
    if (V == 4) {
      const Pack<T> p = *reinterpret_cast<const Pack<T>*>(at);
      for (int j = 0; j < V; j++) v[j] = to_float(p.v[j]);
    } else {
      v[0] = to_float(at[0]);
    }
    count += 1.f;
    const float weight = 1.f / count;
    for (int j = 0; j < V; j++) {
      const float delta = v[j] - mean[j];
      mean[j] += delta * weight;
      m2[j] += delta * (v[j] - mean[j]);
    }
  }
}

// (mean, M2) of each channel over rows [first, last), into channel_moments [C].
template <int V, class T>
__device__ __forceinline__ void channel_statistics(const T* __restrict__ x, float2* channel_moments, int channels,
                                                   int first, int last) {
  __shared__ float2 rows_moments[BLOCK_THREADS * 4];  // [row lane][channel of this slice]
  const int packs = channels / V;
  const int pack_lanes = smaller(packs, BLOCK_THREADS);
  const int row_lanes = BLOCK_THREADS / pack_lanes;
  const int pack_lane = threadIdx.x % pack_lanes;
  const int row_lane = threadIdx.x / pack_lanes;
  for (int slice = 0; slice < packs; slice += pack_lanes) {
    const int slice_channels = smaller(pack_lanes, packs - slice) * V;
    if (row_lane < row_lanes && slice + pack_lane < packs) {
      float mean[V], m2[V];
      row_moments<V>(x + (slice + pack_lane) * V, channels, first + row_lane, last, row_lanes, mean, m2);
      for (int j = 0; j < V; j++) {
        rows_moments[row_lane * pack_lanes * V + pack_lane * V + j] = make_float2(mean[j], m2[j]);
      }
    }
    __syncthreads();
    for (int c = threadIdx.x; c < slice_channels; c += BLOCK_THREADS) {
      Moments all = {0.f, 0.f, 0.f};
      for (int r = 0; r < row_lanes; r++) {
        const int rows = first + r < last ? (last - first - r + row_lanes - 1) / row_lanes : 0;
        const float2 m = rows_moments[r * pack_lanes * V + c];
        all = merged(all, {static_cast<float>(rows), m.x, m.y});
      }
      channel_moments[slice * V + c] = make_float2(all.mean, all.m2);
    }
    __syncthreads();
  }
}

// partial: [N, chunks, groups] of (mean, M2). Dynamic shared memory: C float2.
template <class T>
__device__ __forceinline__ void group_norm_statistics(const T* __restrict__ x, float2* __restrict__ partial, int rows,
                                                      int channels, int groups, int chunk_rows) {
  extern __shared__ float4 dynamic_shared[];
  float2* channel_moments = reinterpret_cast<float2*>(dynamic_shared);
  const int first = blockIdx.x * chunk_rows;
  const int last = smaller(rows, first + chunk_rows);
  const T* image = x + static_cast<long long>(blockIdx.y) * rows * channels;
  if (channels % 4 == 0) {
    channel_statistics<4>(image, channel_moments, channels, first, last);
  } else {
    channel_statistics<1>(image, channel_moments, channels, first, last);
  }
  const int group_channels = channels / groups;
  const float count = static_cast<float>(last - first);
  for (int g = threadIdx.x; g < groups; g += BLOCK_THREADS) {
    Moments all = {0.f, 0.f, 0.f};
    for (int c = g * group_channels; c < (g + 1) * group_channels; c++) {
      all = merged(all, {count, channel_moments[c].x, channel_moments[c].y});
    }
    partial[(static_cast<long long>(blockIdx.y) * gridDim.x + blockIdx.x) * groups + g] =
        make_float2(all.mean, all.m2);
  }
}

// Mean and 1/sqrt(variance + eps) of one image's groups from its chunks; eight lanes share a group.
__device__ __forceinline__ void merge_chunks(const float2* __restrict__ partial, float2* group_moments, int rows,
                                             int group_channels, int groups, int chunk_rows, float eps) {
  const int chunks = gridDim.x;
  const int lane = threadIdx.x % 8;
  for (int base = 0; base < groups; base += BLOCK_THREADS / 8) {
    const int g = base + threadIdx.x / 8;
    Moments all = {0.f, 0.f, 0.f};
    if (g < groups) {
      for (int k = lane; k < chunks; k += 8) {
        const float2 m = partial[k * groups + g];
        const int count = smaller(chunk_rows, rows - k * chunk_rows) * group_channels;
        all = merged(all, {static_cast<float>(count), m.x, m.y});
      }
    }
    for (int offset = 4; offset > 0; offset /= 2) {
      const Moments other = {__shfl_xor_sync(0xffffffffu, all.count, offset),
                             __shfl_xor_sync(0xffffffffu, all.mean, offset),
                             __shfl_xor_sync(0xffffffffu, all.m2, offset)};
      // Both partners merge in the same order, so both hold the same bits.
      all = (lane & offset) == 0 ? merged(all, other) : merged(other, all);
    }
    if (lane == 0 && g < groups) group_moments[g] = make_float2(all.mean, 1.f / sqrtf(all.m2 / all.count + eps));
  }
}

// y = activation((x - mean)*scale + shift) with the numbers of the element's channel.
template <class T>
__device__ __forceinline__ void normalize_rows(const T* __restrict__ x, T* __restrict__ y,
                                               const float* __restrict__ mean, const float* __restrict__ scale,
                                               const float* __restrict__ shift, long long first, long long last,
                                               int channels, int activation) {
  for (long long i = first + 4 * threadIdx.x; i < last; i += 4 * BLOCK_THREADS) {
    const int c = remainder_of(i - first, channels);
    Four r = load_four(x, i, last);
    const Four m = channel_four(mean, c, channels);
    const Four a = channel_four(scale, c, channels);
    const Four b = channel_four(shift, c, channels);
    for (int j = 0; j < 4; j++) r.v[j] = apply_activation((r.v[j] - m.v[j]) * a.v[j] + b.v[j], activation);
    store_four(y, i, last, r);
  }
}

// Dynamic shared memory: 3C floats and `groups` float2.
template <class T>
__device__ __forceinline__ void group_norm_apply(const T* __restrict__ x, const float2* __restrict__ partial,
                                                 const float* __restrict__ weight, const float* __restrict__ bias,
                                                 const float* __restrict__ scale_shift, int scale_shift_stride,
                                                 T* __restrict__ y, int rows, int channels, int groups, int chunk_rows,
                                                 float eps, int activation) {
  extern __shared__ float4 dynamic_shared[];
  float* mean = reinterpret_cast<float*>(dynamic_shared);
  float* scale = mean + (channels + 3) / 4 * 4;
  float* shift = scale + (channels + 3) / 4 * 4;
  float2* group_moments = reinterpret_cast<float2*>(shift + (channels + 3) / 4 * 4);
  const int image = blockIdx.y;
  const int group_channels = channels / groups;
  merge_chunks(partial + static_cast<long long>(image) * gridDim.x * groups, group_moments, rows, group_channels,
               groups, chunk_rows, eps);
  __syncthreads();
  for (int c = threadIdx.x; c < channels; c += BLOCK_THREADS) {
    const float2 m = group_moments[c / group_channels];
    float a = m.y * weight[c];
    float b = bias[c];
    if (scale_shift != nullptr) {
      const float* of_image = scale_shift + static_cast<long long>(image) * scale_shift_stride;
      a *= 1.f + of_image[c];
      b = b * (1.f + of_image[c]) + of_image[channels + c];
    }
    mean[c] = m.x;
    scale[c] = a;
    shift[c] = b;
  }
  __syncthreads();
  const long long offset = static_cast<long long>(image) * rows * channels;
  const int first = blockIdx.x * chunk_rows;
  const int last = smaller(rows, first + chunk_rows);
  if (channels % 4 == 0) {
    normalize_rows(x, y, mean, scale, shift, offset + static_cast<long long>(first) * channels,
                   offset + static_cast<long long>(last) * channels, channels, activation);
  } else {
    // Rows do not start on a pack: one element at a time.
    for (long long i = static_cast<long long>(first) * channels + threadIdx.x;
         i < static_cast<long long>(last) * channels; i += BLOCK_THREADS) {
      const int c = remainder_of(i, channels);
      const float v = (to_float(x[offset + i]) - mean[c]) * scale[c] + shift[c];
      from_float(apply_activation(v, activation), y[offset + i]);
    }
  }
}

#define GROUP_NORM(name, T)                                                                                          \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                                        \
      group_norm_statistics_##name(const T* x, float2* partial, int rows, int channels, int groups, int chunk_rows) { \
    group_norm_statistics<T>(x, partial, rows, channels, groups, chunk_rows);                                        \
  }                                                                        \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                                        \
      group_norm_apply_##name(const T* x, const float2* partial, const float* weight, const float* bias,             \
                              const float* scale_shift, int scale_shift_stride, T* y, int rows, int channels,        \
                              int groups, int chunk_rows, float eps, int activation) {                               \
    group_norm_apply<T>(x, partial, weight, bias, scale_shift, scale_shift_stride, y, rows, channels, groups,        \
                        chunk_rows, eps, activation);                                                                \
  }

FOR_EACH_TYPE(GROUP_NORM)
