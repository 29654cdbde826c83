// y[n] = [token, x[n]] + positions: a learnt token before those of each sequence, and the positions' embeddings.
//
// x: [N, T, C]; token: [C] f32; positions: [T+1, C] f32 or null; y: [N, T+1, C], n elements in y. Float arithmetic; one
// thread per four elements of y, which belong to one token when C is a multiple of 4.
#include "common.cuh"

template <class T>
struct Prepending {
  const T* x;
  const float* token;
  const float* positions;
  int tokens;  // T
  int channels;

  // Where in [T+1, C] element i of y lies.
  __device__ __forceinline__ int place(long long i) const { return remainder_of(i, (tokens + 1) * channels); }

  // Element i of y, unless it is of the first token, is this one of x.
  __device__ __forceinline__ long long source(long long i) const {
    return i - (quotient_of(i, static_cast<long long>(tokens + 1) * channels) + 1) * channels;
  }
};

template <class T>
__device__ __forceinline__ void prepend_token(const Prepending<T>& p, T* __restrict__ y, long long n) {
  const long long i = first_element();
  if (i >= n) return;
  if (p.channels % 4 == 0) {
    const int place = p.place(i);
    Four r = place < p.channels ? load_four(p.token, place, p.channels) : load_four(p.x, p.source(i), n);
    if (p.positions != nullptr) {
      const Four a = load_four(p.positions, place, (p.tokens + 1) * p.channels);
      for (int j = 0; j < 4; j++) r.v[j] += a.v[j];
    }
    store_four(y, i, n, r);
  } else {
    for (long long k = i; k < i + 4 && k < n; k++) {
      const int place = p.place(k);
      float v = place < p.channels ? p.token[place] : to_float(p.x[p.source(k)]);
      if (p.positions != nullptr) v += p.positions[place];
      from_float(v, y[k]);
    }
  }
}

#define PREPEND_TOKEN(name, T)                                                                                      \
  extern "C" __global__ void __launch_bounds__(BLOCK_THREADS)                                                       \
      prepend_token_##name(const T* x, const float* token, const float* positions, T* y, long long n, int tokens,   \
                           int channels) {                                                                          \
    prepend_token<T>(Prepending<T>{x, token, positions, tokens, channels}, y, n);                                   \
  }

FOR_EACH_TYPE(PREPEND_TOKEN)
