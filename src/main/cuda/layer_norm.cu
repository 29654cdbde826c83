// Layer normalisation over the channels: y = (x - mean) / sqrt(variance + eps) * weight + bias.
//
// x, y: [rows, C]; weight, bias: [C] f32. One warp per row; mean, then the mean of squared deviations, then the result,
// all in float. The row is read three times, but only the first time from memory: it is a few KB.
#include "common.cuh"

// V neighbouring channels, V = 4 where C is a multiple of 4, else 1.
template <int V, class T>
__device__ __forceinline__ void load_channels(const T* __restrict__ x, int c, float* v) {
  if (V == 4) {
    const Pack<T> p = *reinterpret_cast<const Pack<T>*>(x + c);
    for (int j = 0; j < V; j++) v[j] = to_float(p.v[j]);
  } else {
    v[0] = to_float(x[c]);
  }
}

template <int V, class T>
__device__ __forceinline__ void store_channels(T* __restrict__ y, int c, const float* v) {
  if (V == 4) {
    Pack<T> p;
    for (int j = 0; j < V; j++) from_float(v[j], p.v[j]);
    *reinterpret_cast<Pack<T>*>(y + c) = p;
  } else {
    from_float(v[0], y[c]);
  }
}

// Every lane gets the same bits: partners add the same two numbers.
__device__ __forceinline__ float warp_sum(float v) {
  for (int offset = 16; offset > 0; offset /= 2) v += __shfl_xor_sync(0xffffffffu, v, offset);
  return v;
}

template <int V, class T>
__device__ __forceinline__ void normalize_row(const T* __restrict__ x, const float* __restrict__ weight,
                                              const float* __restrict__ bias, T* __restrict__ y, int channels,
                                              float eps) {
  const int first = V * (threadIdx.x % 32);
  float v[V];
  float sum = 0.f;
  for (int c = first; c < channels; c += 32 * V) {
    load_channels<V>(x, c, v);
    for (int j = 0; j < V; j++) sum += v[j];
  }
  const float mean = warp_sum(sum) / static_cast<float>(channels);
  float squares = 0.f;
  for (int c = first; c < channels; c += 32 * V) {
    load_channels<V>(x, c, v);
    for (int j = 0; j < V; j++) squares += (v[j] - mean) * (v[j] - mean);
  }
  const float inverse = 1.f / sqrtf(warp_sum(squares) / static_cast<float>(channels) + eps);
  for (int c = first; c < channels; c += 32 * V) {
    load_channels<V>(x, c, v);
    for (int j = 0; j < V; j++) v[j] = (v[j] - mean) * inverse * weight[c + j] + bias[c + j];
    store_channels<V>(y, c, v);
  }
}

template <class T>
__device__ __forceinline__ void layer_norm(const T* __restrict__ x, const float* __restrict__ weight,
                                           const float* __restrict__ bias, T* __restrict__ y, int rows, int channels,
                                           float eps) {
  const int row = blockIdx.x * (BLOCK_THREADS / 32) + threadIdx.x / 32;
  if (row >= rows) return;
  const long long start = static_cast<long long>(row) * channels;
  if (channels % 4 == 0) {
    normalize_row<4>(x + start, weight, bias, y + start, channels, eps);
  } else {
    normalize_row<1>(x + start, weight, bias, y + start, channels, eps);
  }
}

#define LAYER_NORM(name, T)                                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                                   \
      layer_norm_##name(const T* x, const float* weight, const float* bias, T* y, int rows, int channels,       \
                        float eps) {                                                                            \
    layer_norm<T>(x, weight, bias, y, rows, channels, eps);                                                     \
  }

FOR_EACH_TYPE(LAYER_NORM)
