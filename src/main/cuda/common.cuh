// What all kernels share: element types, packed loads and stores, activations.
//
// The same sources are compiled by nvcc (to PTX, at build), by NVRTC (on the user's machine, when the build had no
// nvcc) and by g++ (for the tests' CUDA-on-CPU harness, which puts threadIdx, __syncthreads, shuffles and its own
// <cuda_fp16.h>, <cuda_bf16.h> and <mma.h> in front). Hence: no inline PTX, tensor cores only through nvcuda::wmma.
//
// Conventions. Tensors are dense and channels last. Kernels are extern "C" and end in the suffix of their element type:
// _f32, _f16 or _bf16. Arithmetic and accumulation are in float whatever the storage. Every base address is a multiple
// of 16 bytes.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#define BLOCK_THREADS 256

// bfloat16 needs compute capability 8.0; below it the kernels are left out and the device refuses the type.
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
#define FOR_EACH_HALF_TYPE(M) M(f16, half) M(bf16, __nv_bfloat16)
#else
#define FOR_EACH_HALF_TYPE(M) M(f16, half)
#endif
#define FOR_EACH_TYPE(M) M(f32, float) FOR_EACH_HALF_TYPE(M)

__device__ __forceinline__ float to_float(float x) { return x; }
__device__ __forceinline__ float to_float(half x) { return __half2float(x); }
__device__ __forceinline__ float to_float(__nv_bfloat16 x) { return __bfloat162float(x); }

// Rounds to nearest even.
__device__ __forceinline__ void from_float(float x, float& out) { out = x; }
__device__ __forceinline__ void from_float(float x, half& out) { out = __float2half_rn(x); }
__device__ __forceinline__ void from_float(float x, __nv_bfloat16& out) { out = __float2bfloat16_rn(x); }

// Four consecutive elements, moved as one word of 8 or 16 bytes.
template <class T>
struct alignas(4 * sizeof(T)) Pack {
  T v[4];
};

struct Four {
  float v[4];
};

// Pointwise kernels: one thread per four consecutive elements. This is the first of them.
__device__ __forceinline__ long long first_element() {
  return 4 * (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x);
}

// Elements i ... i+3 of an array of n; i is a multiple of 4, what lies beyond the end reads as 0.
template <class T>
__device__ __forceinline__ Four load_four(const T* __restrict__ x, long long i, long long n) {
  Four r;
  if (i + 4 <= n) {
    const Pack<T> p = *reinterpret_cast<const Pack<T>*>(x + i);
    for (int j = 0; j < 4; j++) r.v[j] = to_float(p.v[j]);
  } else {
    for (int j = 0; j < 4; j++) r.v[j] = i + j < n ? to_float(x[i + j]) : 0.f;
  }
  return r;
}

template <class T>
__device__ __forceinline__ void store_four(T* __restrict__ y, long long i, long long n, const Four& r) {
  if (i + 4 <= n) {
    Pack<T> p;
    for (int j = 0; j < 4; j++) from_float(r.v[j], p.v[j]);
    *reinterpret_cast<Pack<T>*>(y + i) = p;
  } else {
    for (int j = 0; j < 4; j++) {
      if (i + j < n) from_float(r.v[j], y[i + j]);
    }
  }
}

// i mod m, in 32 bits where that is enough: a 64-bit division costs about a hundred instructions.
__device__ __forceinline__ int remainder_of(long long i, int m) {
  return i <= 0xffffffffLL ? static_cast<int>(static_cast<unsigned>(i) % static_cast<unsigned>(m))
                           : static_cast<int>(i % m);
}

__device__ __forceinline__ long long quotient_of(long long i, long long m) {
  return i <= 0xffffffffLL && m <= 0xffffffffLL
             ? static_cast<long long>(static_cast<unsigned>(i) / static_cast<unsigned>(m))
             : i / m;
}

// The entries of a per-channel vector that belong to four consecutive elements, the first of channel c.
__device__ __forceinline__ Four channel_four(const float* __restrict__ v, int c, int channels) {
  Four r;
  if (channels % 4 == 0) {
    const Pack<float> p = *reinterpret_cast<const Pack<float>*>(v + c);
    for (int j = 0; j < 4; j++) r.v[j] = p.v[j];
  } else {
    for (int j = 0; j < 4; j++) {
      r.v[j] = v[c];
      c = c + 1 == channels ? 0 : c + 1;
    }
  }
  return r;
}

// Numbers as in ActivationCode.java.
enum ActivationCode { ACTIVATION_NONE = 0, ACTIVATION_RELU = 1, ACTIVATION_SILU = 2, ACTIVATION_GELU = 3 };

// NaN stays NaN in each of them.
__device__ __forceinline__ float apply_activation(float x, int activation) {
  switch (activation) {
    case ACTIVATION_RELU:
      return x < 0.f ? 0.f : x;
    case ACTIVATION_SILU:
      return x / (1.f + expf(-x));
    case ACTIVATION_GELU:
      return 0.5f * x * (1.f + erff(x * 0.70710678118654752f));
    default:
      return x;
  }
}
