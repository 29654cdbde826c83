// Creating, setting and destroying descriptors. What is wrong is refused here as cuDNN refuses it.
#include "descriptors.h"

#include <algorithm>

using namespace shim;

namespace {

template <class Descriptor>
int create(const char* function, Descriptor** out, const char* kind) {
  return descriptorCall(function, [&] {
    *out = new Descriptor;
    handleCreated(*out, kind);
    return DNN_SUCCESS;
  });
}

template <class Descriptor>
int destroy(const char* function, Descriptor* descriptor, const char* kind) {
  return descriptorCall(function, [&]() -> int {
    if (!descriptor) return DNN_SUCCESS;
    if (!handleDestroyed(descriptor, kind)) return DNN_BAD_PARAM;
    delete descriptor;
    return DNN_SUCCESS;
  });
}

bool positive(const int* values, int count) {
  return std::all_of(values, values + count, [](int v) { return v > 0; });
}

int setTensor(TensorDescriptor* t, int type, const int* dims, const int* strides) {
  if (!t) return DNN_BAD_PARAM_NULL_POINTER;
  if (!positive(dims, kDims) || !positive(strides, kDims)) return DNN_BAD_PARAM;
  if (numberOf(type) == Number::kOther) return DNN_NOT_SUPPORTED;
  constexpr size_t kMostElements = (size_t{1} << 31) - 1;  // "limited to 2 Giga-elements"
  if (static_cast<size_t>(dims[0]) * dims[1] * dims[2] * dims[3] > kMostElements) return DNN_NOT_SUPPORTED;
  t->type = type;
  std::copy_n(dims, kDims, t->dims);
  std::copy_n(strides, kDims, t->strides);
  return DNN_SUCCESS;
}

int setPacked(TensorDescriptor* t, int format, int type, int n, int c, int h, int w) {
  int dims[] = {n, c, h, w};
  int nchw[] = {c * h * w, h * w, w, 1}, nhwc[] = {h * w * c, 1, w * c, c};
  if (format != DNN_NCHW && format != DNN_NHWC) return DNN_NOT_SUPPORTED;
  return setTensor(t, type, dims, format == DNN_NHWC ? nhwc : nchw);
}

int setFilter(FilterDescriptor* f, int type, int format, const int* dims) {
  if (!f) return DNN_BAD_PARAM_NULL_POINTER;
  if (!positive(dims, kDims)) return DNN_BAD_PARAM;
  if (numberOf(type) == Number::kOther || (format != DNN_NCHW && format != DNN_NHWC)) return DNN_NOT_SUPPORTED;
  f->type = type;
  f->format = format;
  std::copy_n(dims, kDims, f->dims);
  return DNN_SUCCESS;
}

int setConvolution(ConvolutionDescriptor* c, const int* pad, const int* stride, const int* dilation, int mode,
                   int type) {
  if (!c) return DNN_BAD_PARAM_NULL_POINTER;
  if (pad[0] < 0 || pad[1] < 0 || !positive(stride, 2) || !positive(dilation, 2)) return DNN_BAD_PARAM;
  if (mode != 0 && mode != 1) return DNN_BAD_PARAM;
  c->set = true;
  std::copy_n(pad, 2, c->pad);
  std::copy_n(stride, 2, c->stride);
  std::copy_n(dilation, 2, c->dilation);
  c->mode = mode;
  c->computeType = type;
  return DNN_SUCCESS;
}

}  // namespace

extern "C" {

int cudnnCreateTensorDescriptor(TensorDescriptor** t) {
  return create("cudnnCreateTensorDescriptor", t, "tensor descriptor");
}
int cudnnDestroyTensorDescriptor(TensorDescriptor* t) {
  return destroy("cudnnDestroyTensorDescriptor", t, "tensor descriptor");
}
int cudnnSetTensor4dDescriptor(TensorDescriptor* t, int format, int type, int n, int c, int h, int w) {
  return descriptorCall("cudnnSetTensor4dDescriptor", [&] { return setPacked(t, format, type, n, c, h, w); });
}
int cudnnSetTensor4dDescriptorEx(TensorDescriptor* t, int type, int n, int c, int h, int w, int ns, int cs, int hs,
                                 int ws) {
  int dims[] = {n, c, h, w}, strides[] = {ns, cs, hs, ws};
  return descriptorCall("cudnnSetTensor4dDescriptorEx", [&] { return setTensor(t, type, dims, strides); });
}
int cudnnSetTensorNdDescriptor(TensorDescriptor* t, int type, int count, const int* dims, const int* strides) {
  return descriptorCall("cudnnSetTensorNdDescriptor",
                        [&] { return count == kDims ? setTensor(t, type, dims, strides) : DNN_NOT_SUPPORTED; });
}
int cudnnSetTensorNdDescriptorEx(TensorDescriptor* t, int format, int type, int count, const int* d) {
  return descriptorCall("cudnnSetTensorNdDescriptorEx", [&] {
    return count == kDims ? setPacked(t, format, type, d[0], d[1], d[2], d[3]) : DNN_NOT_SUPPORTED;
  });
}
int cudnnGetTensorSizeInBytes(const TensorDescriptor* t, size_t* bytes) {
  *bytes = t->extent() * bytesOf(numberOf(t->type));
  return DNN_SUCCESS;
}

int cudnnCreateFilterDescriptor(FilterDescriptor** f) {
  return create("cudnnCreateFilterDescriptor", f, "filter descriptor");
}
int cudnnDestroyFilterDescriptor(FilterDescriptor* f) {
  return destroy("cudnnDestroyFilterDescriptor", f, "filter descriptor");
}
int cudnnSetFilter4dDescriptor(FilterDescriptor* f, int type, int format, int k, int c, int h, int w) {
  int dims[] = {k, c, h, w};
  return descriptorCall("cudnnSetFilter4dDescriptor", [&] { return setFilter(f, type, format, dims); });
}
int cudnnSetFilterNdDescriptor(FilterDescriptor* f, int type, int format, int count, const int* dims) {
  return descriptorCall("cudnnSetFilterNdDescriptor",
                        [&] { return count == kDims ? setFilter(f, type, format, dims) : DNN_NOT_SUPPORTED; });
}

int cudnnCreateConvolutionDescriptor(ConvolutionDescriptor** c) {
  return create("cudnnCreateConvolutionDescriptor", c, "convolution descriptor");
}
int cudnnDestroyConvolutionDescriptor(ConvolutionDescriptor* c) {
  return destroy("cudnnDestroyConvolutionDescriptor", c, "convolution descriptor");
}
int cudnnSetConvolution2dDescriptor(ConvolutionDescriptor* c, int padH, int padW, int strideH, int strideW,
                                    int dilationH, int dilationW, int mode, int type) {
  int pad[] = {padH, padW}, stride[] = {strideH, strideW}, dilation[] = {dilationH, dilationW};
  return descriptorCall("cudnnSetConvolution2dDescriptor",
                        [&] { return setConvolution(c, pad, stride, dilation, mode, type); });
}
int cudnnSetConvolutionNdDescriptor(ConvolutionDescriptor* c, int count, const int* pad, const int* stride,
                                    const int* dilation, int mode, int type) {
  return descriptorCall("cudnnSetConvolutionNdDescriptor", [&] {
    return count == 2 ? setConvolution(c, pad, stride, dilation, mode, type) : DNN_NOT_SUPPORTED;
  });
}
int cudnnSetConvolutionMathType(ConvolutionDescriptor* c, int math) {
  return descriptorCall("cudnnSetConvolutionMathType", [&] {
    if (math < DNN_DEFAULT_MATH || math > DNN_FMA_MATH) return DNN_BAD_PARAM;
    c->math = math;
    return DNN_SUCCESS;
  });
}
int cudnnGetConvolutionMathType(const ConvolutionDescriptor* c, int* math) {
  *math = c->math;
  return DNN_SUCCESS;
}
int cudnnSetConvolutionGroupCount(ConvolutionDescriptor* c, int groups) {
  return descriptorCall("cudnnSetConvolutionGroupCount", [&] {
    if (groups < 1) return DNN_BAD_PARAM;
    c->groups = groups;
    return DNN_SUCCESS;
  });
}

int cudnnCreateActivationDescriptor(ActivationDescriptor** a) {
  return create("cudnnCreateActivationDescriptor", a, "activation descriptor");
}
int cudnnDestroyActivationDescriptor(ActivationDescriptor* a) {
  return destroy("cudnnDestroyActivationDescriptor", a, "activation descriptor");
}
int cudnnSetActivationDescriptor(ActivationDescriptor* a, int mode, int nanPropagation, double coefficient) {
  return descriptorCall("cudnnSetActivationDescriptor", [&] {
    if (mode < DNN_SIGMOID || mode > DNN_SWISH) return DNN_BAD_PARAM;
    *a = {mode, nanPropagation, coefficient};
    return DNN_SUCCESS;
  });
}

int cudnnCreatePoolingDescriptor(PoolingDescriptor** p) {
  return create("cudnnCreatePoolingDescriptor", p, "pooling descriptor");
}
int cudnnDestroyPoolingDescriptor(PoolingDescriptor* p) {
  return destroy("cudnnDestroyPoolingDescriptor", p, "pooling descriptor");
}
int cudnnSetPooling2dDescriptor(PoolingDescriptor* p, int mode, int nanPropagation, int windowH, int windowW, int padH,
                                int padW, int strideH, int strideW) {
  return descriptorCall("cudnnSetPooling2dDescriptor", [&] {
    if (windowH < 1 || windowW < 1 || strideH < 1 || strideW < 1 || padH < 0 || padW < 0) return DNN_BAD_PARAM;
    *p = {mode, nanPropagation, {windowH, windowW}, {padH, padW}, {strideH, strideW}};
    return DNN_SUCCESS;
  });
}
}
