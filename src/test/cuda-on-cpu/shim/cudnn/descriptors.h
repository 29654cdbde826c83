// cuDNN 9's handles, descriptors and numbers, as far as convolutions and their neighbours go.
#pragma once
#include <cstddef>
#include <cstdint>

#include "../common/library.h"
#include "../common/numbers.h"

enum : int {
  DNN_SUCCESS = 0,
  DNN_NOT_INITIALIZED = 1001,
  DNN_BAD_PARAM = 2000,
  DNN_BAD_PARAM_NULL_POINTER = 2002,
  DNN_BAD_PARAM_MISALIGNED_POINTER = 2003,
  DNN_BAD_PARAM_SIZE_INSUFFICIENT = 2006,
  DNN_BAD_PARAM_SHAPE_MISMATCH = 2008,
  DNN_NOT_SUPPORTED = 3000,
  DNN_INTERNAL_ERROR = 4000,
  DNN_EXECUTION_FAILED = 5000,
};
enum : int { DNN_NCHW = 0, DNN_NHWC = 1 };
enum : int { DNN_FLOAT = 0, DNN_HALF = 2, DNN_BFLOAT16 = 9 };
enum : int { DNN_DEFAULT_MATH = 0, DNN_TENSOR_OP_MATH = 1, DNN_TENSOR_OP_CONVERTING = 2, DNN_FMA_MATH = 3 };
enum : int {
  DNN_SIGMOID = 0,
  DNN_RELU = 1,
  DNN_TANH = 2,
  DNN_CLIPPED_RELU = 3,
  DNN_ELU = 4,
  DNN_IDENTITY = 5,
  DNN_SWISH = 6
};
enum : int { DNN_ALGO_IMPLICIT_GEMM = 0, DNN_ALGO_PRECOMP_GEMM = 1, DNN_ALGO_COUNT = 8 };

namespace shim {

constexpr int kDims = 4;  // N, C, H, W in this order, whatever the layout

struct DnnHandle {
  void* stream = nullptr;
};

struct TensorDescriptor {
  int type = -1;  // not set yet
  int dims[kDims] = {};
  int strides[kDims] = {};

  bool set() const { return type >= 0; }
  size_t elements() const { return static_cast<size_t>(dims[0]) * dims[1] * dims[2] * dims[3]; }
  // From the first element to the last, in elements.
  size_t extent() const {
    size_t last = 0;
    for (int i = 0; i < kDims; ++i) last += static_cast<size_t>(dims[i] - 1) * strides[i];
    return last + 1;
  }
  bool nhwc() const {
    return strides[1] == 1 && strides[3] == dims[1] && strides[2] == dims[1] * dims[3] &&
           strides[0] == dims[1] * dims[3] * dims[2];
  }
  bool sameAs(const TensorDescriptor& other) const {
    for (int i = 0; i < kDims; ++i) {
      if (dims[i] != other.dims[i] || strides[i] != other.strides[i]) return false;
    }
    return type == other.type;
  }
  size_t at(size_t n, size_t c, size_t h, size_t w) const {
    return n * strides[0] + c * strides[1] + h * strides[2] + w * strides[3];
  }
};

// K filters of C x R x S, stored KCRS (NCHW) or KRSC (NHWC).
struct FilterDescriptor {
  int type = -1, format = 0;
  int dims[kDims] = {};

  bool set() const { return type >= 0; }
  size_t elements() const { return static_cast<size_t>(dims[0]) * dims[1] * dims[2] * dims[3]; }
};

struct ConvolutionDescriptor {
  bool set = false;
  int pad[2] = {}, stride[2] = {1, 1}, dilation[2] = {1, 1};
  int mode = 0, computeType = 0, groups = 1, math = DNN_DEFAULT_MATH;
};

struct ActivationDescriptor {
  int mode = -1, nanPropagation = 0;
  double coefficient = 0;
};

struct PoolingDescriptor {
  int mode = -1, nanPropagation = 0;
  int window[2] = {}, pad[2] = {}, stride[2] = {};
};

inline Number numberOf(int type) {
  return type == DNN_FLOAT      ? Number::kF32
         : type == DNN_HALF     ? Number::kF16
         : type == DNN_BFLOAT16 ? Number::kBf16
                                : Number::kOther;
}

extern const StatusName kDnnStatuses[];

// The rules for calls that need a handle: counted, perhaps told to fail, a live handle and context.
template <class Body>
int dnnCall(const char* function, DnnHandle* handle, Body body) {
  int status;
  if (injectedFailure(function, kDnnStatuses, &status)) return status;
  if (!handle || !handleAlive(handle, "cuDNN handle")) return DNN_NOT_INITIALIZED;
  if (contextStatus()) return DNN_EXECUTION_FAILED;
  return body();
}

// As above for calls that work on descriptors alone.
template <class Body>
int descriptorCall(const char* function, Body body) {
  int status;
  return injectedFailure(function, kDnnStatuses, &status) ? status : body();
}

}  // namespace shim
