// Forward convolution: what cuDNN's legacy API supports, and the numbers.
#pragma once
#include "descriptors.h"

namespace shim {

struct Convolution {
  TensorDescriptor x, y;
  FilterDescriptor w;
  ConvolutionDescriptor conv;
};

// y = activation(alpha1 * conv(x, w) + alpha2 * z + bias), rounded once. Null z and bias are left out.
struct ConvolutionRun {
  const char* function;
  const void *x, *w, *z, *bias;
  void *y, *workspace;
  size_t workspaceBytes;
  float alpha1, alpha2;
  int activation;  // DNN_IDENTITY or DNN_RELU
};

// DNN_SUCCESS, or what is wrong with the descriptors.
int checkConvolution(const Convolution& c);
// Whether the algorithm can do it.
int checkAlgorithm(const Convolution& c, int algorithm);
size_t workspaceOf(const Convolution& c, int algorithm);
// Output extent along a spatial axis (0: height, 1: width).
int outputExtent(const Convolution& c, int axis);

void runConvolution(const Convolution& c, const ConvolutionRun& run);

}  // namespace shim
