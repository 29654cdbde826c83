// y[n, c] = mean of x[n, t, c] over first <= t < last.
//
// x: [N, T, C]; y: [N, C]. Summed in float: eight threads share a channel, and their sums are added in a fixed order.
// Grid: (channels / 32, N); neighbouring threads take neighbouring channels.
#include "common.cuh"

#define MEAN_CHANNELS 32
#define MEAN_LANES (BLOCK_THREADS / MEAN_CHANNELS)

template <class T>
__device__ __forceinline__ void mean_tokens(const T* __restrict__ x, T* __restrict__ y, int tokens, int channels,
                                            int first, int last) {
  __shared__ float sums[MEAN_LANES][MEAN_CHANNELS];
  const int column = threadIdx.x % MEAN_CHANNELS;
  const int lane = threadIdx.x / MEAN_CHANNELS;
  const int c = blockIdx.x * MEAN_CHANNELS + column;
  const long long image = blockIdx.y;
  float sum = 0.f;
  if (c < channels) {
    const T* at = x + image * tokens * channels + c;
    for (int t = first + lane; t < last; t += MEAN_LANES) sum += to_float(at[static_cast<long long>(t) * channels]);
  }
  sums[lane][column] = sum;
  __syncthreads();
  if (lane == 0 && c < channels) {
    for (int k = 1; k < MEAN_LANES; k++) sum += sums[k][column];
    from_float(sum / static_cast<float>(last - first), y[image * channels + c]);
  }
}

#define MEAN_TOKENS(name, T)                                                                                      \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                                     \
      mean_tokens_##name(const T* x, T* y, int tokens, int channels, int first, int last) {                       \
    mean_tokens<T>(x, y, tokens, channels, first, last);                                                          \
  }

FOR_EACH_TYPE(MEAN_TOKENS)
