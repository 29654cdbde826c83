// cuDNN's convolutions against plain loops, and its complaints.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "libraries.h"

namespace {

struct ConvolutionCase {
  int n, c, h, w, k, r, stride, pad, groups, format;
};

// The whole set of descriptors of one convolution.
struct Descriptors {
  void *x, *y, *bias, *filter, *conv, *activation;
  int outH, outW;

  Descriptors(const ConvolutionCase& s, int type, int math, int activationMode = 5) {
    outH = (s.h + 2 * s.pad - s.r) / s.stride + 1;
    outW = (s.w + 2 * s.pad - s.r) / s.stride + 1;
    OK(cudnnCreateTensorDescriptor(&x));
    OK(cudnnCreateTensorDescriptor(&y));
    OK(cudnnCreateTensorDescriptor(&bias));
    OK(cudnnCreateFilterDescriptor(&filter));
    OK(cudnnCreateConvolutionDescriptor(&conv));
    OK(cudnnCreateActivationDescriptor(&activation));
    OK(cudnnSetTensor4dDescriptor(x, s.format, type, s.n, s.c, s.h, s.w));
    OK(cudnnSetTensor4dDescriptor(y, s.format, type, s.n, s.k, outH, outW));
    OK(cudnnSetTensor4dDescriptor(bias, s.format, type, 1, s.k, 1, 1));
    OK(cudnnSetFilter4dDescriptor(filter, type, s.format, s.k, s.c / s.groups, s.r, s.r));
    OK(cudnnSetConvolution2dDescriptor(conv, s.pad, s.pad, s.stride, s.stride, 1, 1, 1, 0));
    OK(cudnnSetConvolutionGroupCount(conv, s.groups));
    OK(cudnnSetConvolutionMathType(conv, math));
    OK(cudnnSetActivationDescriptor(activation, activationMode, 1, 0));
  }
  ~Descriptors() {
    cudnnDestroyTensorDescriptor(x);
    cudnnDestroyTensorDescriptor(y);
    cudnnDestroyTensorDescriptor(bias);
    cudnnDestroyFilterDescriptor(filter);
    cudnnDestroyConvolutionDescriptor(conv);
    cudnnDestroyActivationDescriptor(activation);
  }
};

size_t at(int format, int channels, int height, int width, int n, int c, int y, int x) {
  return format == 1 ? ((static_cast<size_t>(n) * height + y) * width + x) * channels + c
                     : ((static_cast<size_t>(n) * channels + c) * height + y) * width + x;
}

double reference(const ConvolutionCase& s, const std::vector<float>& x, const std::vector<float>& w, int n, int k,
                 int oy, int ox) {
  int perGroup = s.c / s.groups, group = k / (s.k / s.groups);
  double sum = 0;
  for (int c = 0; c < perGroup; ++c) {
    for (int r = 0; r < s.r; ++r) {
      for (int q = 0; q < s.r; ++q) {
        int iy = oy * s.stride - s.pad + r, ix = ox * s.stride - s.pad + q;
        if (iy < 0 || iy >= s.h || ix < 0 || ix >= s.w) continue;
        sum += static_cast<double>(x[at(s.format, s.c, s.h, s.w, n, group * perGroup + c, iy, ix)]) *
               w[at(s.format, perGroup, s.r, s.r, k, c, r, q)];
      }
    }
  }
  return sum;
}

constexpr int kFmaMath = 3, kPrecompGemm = 1;

}  // namespace

CASE(convolution_in_every_shape) {
  Gpu gpu;
  Dnn dnn;
  for (const ConvolutionCase& s :
       {ConvolutionCase{2, 8, 9, 7, 12, 3, 1, 1, 1, 1}, ConvolutionCase{2, 8, 9, 7, 12, 3, 2, 1, 1, 1},
        ConvolutionCase{1, 5, 8, 8, 3, 3, 1, 1, 1, 1}, ConvolutionCase{3, 6, 10, 6, 4, 1, 1, 0, 1, 0},
        ConvolutionCase{1, 4, 16, 16, 6, 4, 4, 0, 2, 0}, ConvolutionCase{1, 130, 6, 6, 200, 3, 1, 1, 1, 1}}) {
    Descriptors d(s, 0, kFmaMath);
    std::vector<float> x = numbers(s.n * s.c * s.h * s.w, 1), w = numbers(s.k * s.c / s.groups * s.r * s.r, 2);
    size_t bytes;
    OK(cudnnGetConvolutionForwardWorkspaceSize(dnn.handle, d.x, d.filter, d.conv, d.y, kPrecompGemm, &bytes));
    Buffer<float> dx(x), dw(w), dy(s.n * s.k * d.outH * d.outW);
    Buffer<char> workspace(bytes);
    float one = 1, zero = 0;
    OK(cudnnConvolutionForward(dnn.handle, &one, d.x, dx.data(), d.filter, dw.data(), d.conv, kPrecompGemm,
                               workspace.data(), bytes, &zero, d.y, dy.data()));
    std::vector<float> y = dy.get();
    for (int n = 0; n < s.n; ++n) {
      for (int k = 0; k < s.k; ++k) {
        for (int oy = 0; oy < d.outH; ++oy) {
          for (int ox = 0; ox < d.outW; ++ox) {
            EXPECT(std::fabs(reference(s, x, w, n, k, oy, ox) - y[at(s.format, s.k, d.outH, d.outW, n, k, oy, ox)]) <
                   1e-4);
          }
        }
      }
    }
  }
}

// relu(conv + z + bias) in half, rounded once; z lies where y will be.
CASE(convolution_fused) {
  Gpu gpu;
  Dnn dnn;
  ConvolutionCase s{2, 16, 8, 8, 24, 3, 1, 1, 1, 1};
  constexpr int kHalf = 2, kRelu = 1;
  Descriptors d(s, kHalf, 1, kRelu);
  std::vector<uint16_t> x = halves(numbers(2 * 16 * 64, 1)), w = halves(numbers(24 * 16 * 9, 2)),
                        z = halves(numbers(2 * 24 * 64, 3)), b = halves(numbers(24, 4));
  Buffer<uint16_t> dx(x), dw(w), dy(z), db(b);
  size_t bytes;
  OK(cudnnGetConvolutionForwardWorkspaceSize(dnn.handle, d.x, d.filter, d.conv, d.y, kPrecompGemm, &bytes));
  Buffer<char> workspace(bytes);
  float one = 1;
  OK(cudnnConvolutionBiasActivationForward(dnn.handle, &one, d.x, dx.data(), d.filter, dw.data(), d.conv, kPrecompGemm,
                                           workspace.data(), bytes, &one, d.y, dy.data(), d.bias, db.data(),
                                           d.activation, d.y, dy.data()));
  std::vector<float> y = widened(dy.get()), wx = widened(x), ww = widened(w), wz = widened(z), wb = widened(b);
  for (int i = 0; i < 2 * 24 * 64; ++i) {
    int k = i % 24, pixel = i / 24 % 64, n = i / 24 / 64;
    double expected = std::max(0.0, reference(s, wx, ww, n, k, pixel / 8, pixel % 8) + wz[i] + wb[k]);
    EXPECT(std::fabs(expected - y[i]) <= expected * ldexp(1, -11) + 1e-4);
  }
}

CASE(float_convolution_uses_tf32_unless_told) {
  Gpu gpu;
  Dnn dnn;
  ConvolutionCase s{1, 64, 4, 4, 4, 1, 1, 0, 1, 1};
  std::vector<float> results[2];
  for (int exact = 0; exact < 2; ++exact) {
    Descriptors d(s, 0, exact ? kFmaMath : 0);
    Buffer<float> dx(numbers(64 * 16, 1)), dw(numbers(4 * 64, 2)), dy(4 * 16);
    float one = 1, zero = 0;
    OK(cudnnConvolutionForward(dnn.handle, &one, d.x, dx.data(), d.filter, dw.data(), d.conv, 0, nullptr, 0, &zero, d.y,
                               dy.data()));
    results[exact] = dy.get();
  }
  EXPECT(results[0] != results[1] && std::fabs(results[0][0] - results[1][0]) < 1e-2);
}

CASE(convolution_complaints) {
  Gpu gpu;
  Dnn dnn;
  ConvolutionCase s{1, 16, 8, 8, 16, 3, 1, 1, 1, 1};
  constexpr int kBadParam = 2000, kMisaligned = 2003, kTooSmall = 2006, kNotSupported = 3000;
  Descriptors d(s, 2, 1);
  Buffer<uint16_t> x(16 * 64 + 8), w(16 * 16 * 9), y(16 * 64), bias(16);
  Buffer<char> workspace(1 << 16);
  float one = 1, zero = 0;
  auto plain = [&](int algorithm, size_t bytes, size_t shift, void* yDescriptor) {
    return cudnnConvolutionForward(dnn.handle, &one, d.x, static_cast<uint16_t*>(x.data()) + shift, d.filter, w.data(),
                                   d.conv, algorithm, workspace.data(), bytes, &zero, yDescriptor, y.data());
  };
  auto fused = [&](int algorithm, void* activation, void* z) {
    return cudnnConvolutionBiasActivationForward(dnn.handle, &one, d.x, x.data(), d.filter, w.data(), d.conv, algorithm,
                                                 workspace.data(), 1 << 16, &zero, z, y.data(), d.bias, bias.data(),
                                                 activation, d.y, y.data());
  };
  OK(plain(kPrecompGemm, 1 << 16, 0, d.y));
  EXPECT_STATUS(kTooSmall, plain(kPrecompGemm, 16, 0, d.y));
  EXPECT_STATUS(kMisaligned, plain(kPrecompGemm, 1 << 16, 1, d.y));
  EXPECT_STATUS(kNotSupported, plain(6, 1 << 16, 0, d.y));            // Winograd takes no NHWC filters
  EXPECT_STATUS(kBadParam, plain(kPrecompGemm, 1 << 16, 0, d.bias));  // not the shape of the result
  OK(fused(kPrecompGemm, d.activation, d.y));
  EXPECT_STATUS(kNotSupported, fused(0, d.activation, d.y));  // identity needs IMPLICIT_PRECOMP_GEMM
  EXPECT_STATUS(kBadParam, fused(kPrecompGemm, d.activation, d.bias));
  Descriptors tanh(s, 2, 1, 2);
  EXPECT_STATUS(kNotSupported, fused(kPrecompGemm, tanh.activation, d.y));
  EXPECT(!strcmp(cudnnGetErrorString(3000), "CUDNN_STATUS_NOT_SUPPORTED"));
}
