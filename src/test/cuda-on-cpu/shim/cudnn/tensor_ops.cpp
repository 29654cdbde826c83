// Element-wise operations, pooling and softmax.
#include <algorithm>
#include <cmath>
#include <vector>

#include "descriptors.h"

using namespace shim;

namespace {

struct Tensor {
  TensorDescriptor d;
  void* data;

  float get(size_t index) const { return loadNumber(numberOf(d.type), data, index); }
  void set(size_t index, float v) const { storeNumber(numberOf(d.type), data, index, v); }
  size_t bytes() const { return d.extent() * bytesOf(numberOf(d.type)); }
};

// Visits every element of a tensor.
template <class Visit>
void forEach(const TensorDescriptor& d, Visit visit) {
  for (int n = 0; n < d.dims[0]; ++n) {
    for (int c = 0; c < d.dims[1]; ++c) {
      for (int h = 0; h < d.dims[2]; ++h) {
        for (int w = 0; w < d.dims[3]; ++w) visit(n, c, h, w);
      }
    }
  }
}

// out = alpha * value + beta * out; out is not read if beta is 0.
void blend(const Tensor& out, size_t index, float alpha, float value, float beta) {
  out.set(index, alpha * value + (beta != 0 ? beta * out.get(index) : 0.0f));
}

Tensor tensor(const TensorDescriptor* d, const void* data) { return {*d, const_cast<void*>(data)}; }

template <class Body>
int run(DnnHandle* handle, const char* function, const Tensor& a, const Tensor& b, Body body) {
  if (!a.d.set() || !b.d.set()) return DNN_BAD_PARAM;
  if (checkMemory(a.data, a.bytes(), function, "input") || checkMemory(b.data, b.bytes(), function, "output")) {
    return DNN_EXECUTION_FAILED;
  }
  int status = submit(handle->stream, [=] {
    body();
    countLibrary(function, b.d.elements(), a.bytes() + b.bytes());
  });
  return status ? DNN_EXECUTION_FAILED : DNN_SUCCESS;
}

float activate(const ActivationDescriptor& a, float x) {
  switch (a.mode) {
    case DNN_SIGMOID: return 1.0f / (1.0f + expf(-x));
    case DNN_RELU: return x < 0 ? 0.0f : x;
    case DNN_TANH: return tanhf(x);
    case DNN_CLIPPED_RELU: return std::min(std::max(x, 0.0f), static_cast<float>(a.coefficient));
    case DNN_ELU: return x < 0 ? static_cast<float>(a.coefficient) * expm1f(x) : x;
    default: return x / (1.0f + expf(-x));  // swish
  }
}

enum PoolingMode { kMax = 0, kAverageIncludingPadding = 1, kAverageExcludingPadding = 2, kMaxDeterministic = 3 };

float pool(const PoolingDescriptor& p, const Tensor& x, int n, int c, int oy, int ox) {
  bool isMax = p.mode == kMax || p.mode == kMaxDeterministic;
  float best = -INFINITY, sum = 0;
  int inside = 0;
  for (int r = 0; r < p.window[0]; ++r) {
    for (int q = 0; q < p.window[1]; ++q) {
      int iy = oy * p.stride[0] - p.pad[0] + r, ix = ox * p.stride[1] - p.pad[1] + q;
      if (iy < 0 || iy >= x.d.dims[2] || ix < 0 || ix >= x.d.dims[3]) continue;
      float v = x.get(x.d.at(n, c, iy, ix));
      best = v > best || v != v ? v : best;
      sum += v;
      ++inside;
    }
  }
  if (isMax) return best;
  return sum / static_cast<float>(p.mode == kAverageIncludingPadding ? p.window[0] * p.window[1] : inside);
}

}  // namespace

extern "C" {

// c = alpha * a + beta * c; a may have extents of 1 where c has more.
int cudnnAddTensor(DnnHandle* handle, const float* alpha, const TensorDescriptor* a, const void* aData,
                   const float* beta, const TensorDescriptor* c, void* cData) {
  return dnnCall("cudnnAddTensor", handle, [&]() -> int {
    if (!a || !c) return DNN_BAD_PARAM_NULL_POINTER;
    for (int i = 0; i < kDims; ++i) {
      if (a->dims[i] != c->dims[i] && a->dims[i] != 1) return DNN_BAD_PARAM;
    }
    Tensor from = tensor(a, aData), to = tensor(c, cData);
    float scale = *alpha, keep = *beta;
    return run(handle, "cudnnAddTensor", from, to, [=] {
      const int* d = from.d.dims;
      forEach(to.d, [&](int n, int ch, int h, int w) {
        size_t index = from.d.at(d[0] > 1 ? n : 0, d[1] > 1 ? ch : 0, d[2] > 1 ? h : 0, d[3] > 1 ? w : 0);
        blend(to, to.d.at(n, ch, h, w), scale, from.get(index), keep);
      });
    });
  });
}

int cudnnActivationForward(DnnHandle* handle, const ActivationDescriptor* activation, const float* alpha,
                           const TensorDescriptor* x, const void* xData, const float* beta, const TensorDescriptor* y,
                           void* yData) {
  return dnnCall("cudnnActivationForward", handle, [&]() -> int {
    if (!activation || !x || !y) return DNN_BAD_PARAM_NULL_POINTER;
    if (activation->mode == DNN_IDENTITY) return DNN_NOT_SUPPORTED;  // only inside a fused convolution
    if (!std::equal(x->dims, x->dims + kDims, y->dims)) return DNN_BAD_PARAM;
    Tensor from = tensor(x, xData), to = tensor(y, yData);
    float scale = *alpha, keep = *beta;
    ActivationDescriptor act = *activation;
    return run(handle, "cudnnActivationForward", from, to, [=] {
      forEach(to.d, [&](int n, int c, int h, int w) {
        blend(to, to.d.at(n, c, h, w), scale, activate(act, from.get(from.d.at(n, c, h, w))), keep);
      });
    });
  });
}

int cudnnPoolingForward(DnnHandle* handle, const PoolingDescriptor* pooling, const float* alpha,
                        const TensorDescriptor* x, const void* xData, const float* beta, const TensorDescriptor* y,
                        void* yData) {
  return dnnCall("cudnnPoolingForward", handle, [&]() -> int {
    if (!pooling || !x || !y) return DNN_BAD_PARAM_NULL_POINTER;
    for (int i = 0; i < 2; ++i) {
      int extent = (x->dims[2 + i] + 2 * pooling->pad[i] - pooling->window[i]) / pooling->stride[i] + 1;
      if (extent != y->dims[2 + i]) return DNN_BAD_PARAM;
    }
    if (x->dims[0] != y->dims[0] || x->dims[1] != y->dims[1]) return DNN_BAD_PARAM;
    Tensor from = tensor(x, xData), to = tensor(y, yData);
    float scale = *alpha, keep = *beta;
    PoolingDescriptor p = *pooling;
    return run(handle, "cudnnPoolingForward", from, to, [=] {
      forEach(to.d, [&](int n, int c, int h, int w) {
        blend(to, to.d.at(n, c, h, w), scale, pool(p, from, n, c, h, w), keep);
      });
    });
  });
}

// Over channels at each pixel (mode 1), or over a whole image (mode 0); algorithm 2 is its logarithm.
int cudnnSoftmaxForward(DnnHandle* handle, int algorithm, int mode, const float* alpha, const TensorDescriptor* x,
                        const void* xData, const float* beta, const TensorDescriptor* y, void* yData) {
  return dnnCall("cudnnSoftmaxForward", handle, [&]() -> int {
    if (!x || !y) return DNN_BAD_PARAM_NULL_POINTER;
    if (!std::equal(x->dims, x->dims + kDims, y->dims)) return DNN_BAD_PARAM;
    Tensor from = tensor(x, xData), to = tensor(y, yData);
    float scale = *alpha, keep = *beta;
    return run(handle, "cudnnSoftmaxForward", from, to, [=] {
      const int* d = to.d.dims;
      size_t groups = mode == 1 ? static_cast<size_t>(d[0]) * d[2] * d[3] : d[0];
      auto groupOf = [&](int n, int h, int w) {
        return mode == 1 ? (static_cast<size_t>(n) * d[2] + h) * d[3] + w : n;
      };
      std::vector<float> largest(groups, -INFINITY);
      std::vector<double> sum(groups, 0.0);
      forEach(to.d, [&](int n, int c, int h, int w) {
        float& m = largest[groupOf(n, h, w)];
        m = std::max(m, from.get(from.d.at(n, c, h, w)));
      });
      forEach(to.d, [&](int n, int c, int h, int w) {
        size_t g = groupOf(n, h, w);
        sum[g] += std::exp(from.get(from.d.at(n, c, h, w)) - largest[g]);
      });
      forEach(to.d, [&](int n, int c, int h, int w) {
        size_t g = groupOf(n, h, w);
        double logit = from.get(from.d.at(n, c, h, w)) - largest[g];
        double value = algorithm == 2 ? logit - std::log(sum[g]) : std::exp(logit) / sum[g];
        blend(to, to.d.at(n, c, h, w), scale, static_cast<float>(value), keep);
      });
    });
  });
}
}
