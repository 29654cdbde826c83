// The functions that choose algorithms for convolutions and run them.
#include <cstring>

#include "convolution.h"

using namespace shim;

namespace {

// cudnnConvolutionFwdAlgoPerf_t
struct Performance {
  int algorithm, status;
  float time;
  size_t memory;
  int determinism, math, reserved[3];
};

int gather(Convolution& c, const TensorDescriptor* x, const FilterDescriptor* w, const ConvolutionDescriptor* conv,
           const TensorDescriptor* y) {
  if (!x || !w || !conv || !y) return DNN_BAD_PARAM_NULL_POINTER;
  c = {*x, *y, *w, *conv};
  return checkConvolution(c);
}

// Best first, the unsupported ones at the end, as cuDNN reports them.
void rank(const Convolution& c, int wanted, int* returned, Performance* results) {
  constexpr int kOrder[] = {1, 0, 2, 3, 4, 5, 6, 7};
  int n = 0;
  for (int wantSupported = 1; wantSupported >= 0; --wantSupported) {
    for (int algorithm : kOrder) {
      int status = checkAlgorithm(c, algorithm);
      if ((status == DNN_SUCCESS) != (wantSupported == 1) || n >= wanted) continue;
      results[n] = {algorithm,   status, status ? -1.0f : 0.1f * (n + 1), status ? 0 : workspaceOf(c, algorithm), 1,
                    c.conv.math, {}};
      ++n;
    }
  }
  *returned = n;
}

bool overlap(const void* a, size_t aBytes, const void* b, size_t bBytes) {
  const char *p = static_cast<const char*>(a), *q = static_cast<const char*>(b);
  return p < q + bBytes && q < p + aBytes;
}

bool misaligned(const void* p) { return reinterpret_cast<uintptr_t>(p) % 16 != 0; }

int launch(DnnHandle* handle, const Convolution& c, int algorithm, const ConvolutionRun& run) {
  int status = checkAlgorithm(c, algorithm);
  if (status) return status;
  if (!run.x || !run.w || !run.y) return DNN_BAD_PARAM_NULL_POINTER;
  if (run.workspaceBytes < workspaceOf(c, algorithm)) return DNN_BAD_PARAM_SIZE_INSUFFICIENT;
  if (misaligned(run.x) || misaligned(run.w) || misaligned(run.y)) return DNN_BAD_PARAM_MISALIGNED_POINTER;
  size_t unit = bytesOf(numberOf(c.x.type)), xBytes = c.x.extent() * unit, yBytes = c.y.extent() * unit;
  if (overlap(run.x, xBytes, run.y, yBytes)) {
    violation("%s: x and y overlap", run.function);
    return DNN_BAD_PARAM;
  }
  size_t needed = workspaceOf(c, algorithm);
  bool reachable = !checkMemory(run.x, xBytes, run.function, "x") &&
                   !checkMemory(run.w, c.w.elements() * unit, run.function, "w") &&
                   !checkMemory(run.y, yBytes, run.function, "y") &&
                   (!needed || !checkMemory(run.workspace, run.workspaceBytes, run.function, "workspace")) &&
                   (!run.z || run.alpha2 == 0 || !checkMemory(run.z, yBytes, run.function, "z")) &&
                   (!run.bias || !checkMemory(run.bias, c.w.dims[0] * unit, run.function, "bias"));
  if (!reachable) return DNN_EXECUTION_FAILED;
  ConvolutionRun exact = run;
  exact.workspaceBytes = needed;
  return submit(handle->stream, [c, exact] { runConvolution(c, exact); }) ? DNN_EXECUTION_FAILED : DNN_SUCCESS;
}

// What the fused kernels ask for beyond what the plain ones do.
int checkFusion(const Convolution& c, int algorithm, const TensorDescriptor* z, const TensorDescriptor* bias,
                const ActivationDescriptor* activation) {
  if (!z || !bias || !activation) return DNN_BAD_PARAM_NULL_POINTER;
  if (!z->sameAs(c.y)) return DNN_BAD_PARAM;
  if (bias->dims[0] != 1 || bias->dims[1] != c.w.dims[0] || bias->dims[2] != 1 || bias->dims[3] != 1)
    return DNN_BAD_PARAM;
  if (bias->type != c.y.type) return DNN_NOT_SUPPORTED;
  if (activation->mode != DNN_RELU && activation->mode != DNN_IDENTITY) return DNN_NOT_SUPPORTED;
  if (activation->mode == DNN_IDENTITY && algorithm != DNN_ALGO_PRECOMP_GEMM) return DNN_NOT_SUPPORTED;
  int vector = 16 / static_cast<int>(bytesOf(numberOf(c.x.type)));  // channels per 16-byte load
  bool vectorized = c.x.dims[1] % vector == 0 && c.y.dims[1] % vector == 0;
  return c.w.format == DNN_NHWC && !vectorized ? DNN_NOT_SUPPORTED : DNN_SUCCESS;
}

}  // namespace

extern "C" {

int cudnnGetConvolution2dForwardOutputDim(const ConvolutionDescriptor* conv, const TensorDescriptor* x,
                                          const FilterDescriptor* w, int* n, int* c, int* h, int* width) {
  return descriptorCall("cudnnGetConvolution2dForwardOutputDim", [&]() -> int {
    if (!conv || !x || !w) return DNN_BAD_PARAM_NULL_POINTER;
    Convolution shape{*x, {}, *w, *conv};
    *n = x->dims[0];
    *c = w->dims[0];
    *h = outputExtent(shape, 0);
    *width = outputExtent(shape, 1);
    return DNN_SUCCESS;
  });
}

int cudnnGetConvolutionForwardAlgorithmMaxCount(DnnHandle* handle, int* count) {
  return dnnCall("cudnnGetConvolutionForwardAlgorithmMaxCount", handle, [&] {
    *count = DNN_ALGO_COUNT;
    return DNN_SUCCESS;
  });
}

int cudnnGetConvolutionForwardAlgorithm_v7(DnnHandle* handle, const TensorDescriptor* x, const FilterDescriptor* w,
                                           const ConvolutionDescriptor* conv, const TensorDescriptor* y, int wanted,
                                           int* returned, Performance* results) {
  return dnnCall("cudnnGetConvolutionForwardAlgorithm_v7", handle, [&]() -> int {
    Convolution c;
    int status = gather(c, x, w, conv, y);
    if (status) return status;
    if (wanted < 1) return DNN_BAD_PARAM;
    rank(c, wanted, returned, results);
    return DNN_SUCCESS;
  });
}

int cudnnFindConvolutionForwardAlgorithm(DnnHandle* handle, const TensorDescriptor* x, const FilterDescriptor* w,
                                         const ConvolutionDescriptor* conv, const TensorDescriptor* y, int wanted,
                                         int* returned, Performance* results) {
  return cudnnGetConvolutionForwardAlgorithm_v7(handle, x, w, conv, y, wanted, returned, results);
}

int cudnnFindConvolutionForwardAlgorithmEx(DnnHandle* handle, const TensorDescriptor* x, const void*,
                                           const FilterDescriptor* w, const void*, const ConvolutionDescriptor* conv,
                                           const TensorDescriptor* y, void*, int wanted, int* returned,
                                           Performance* results, void*, size_t) {
  return cudnnGetConvolutionForwardAlgorithm_v7(handle, x, w, conv, y, wanted, returned, results);
}

int cudnnGetConvolutionForwardWorkspaceSize(DnnHandle* handle, const TensorDescriptor* x, const FilterDescriptor* w,
                                            const ConvolutionDescriptor* conv, const TensorDescriptor* y, int algorithm,
                                            size_t* bytes) {
  return dnnCall("cudnnGetConvolutionForwardWorkspaceSize", handle, [&]() -> int {
    Convolution c;
    int status = gather(c, x, w, conv, y);
    if (!status) status = checkAlgorithm(c, algorithm);
    if (status) return status;
    *bytes = workspaceOf(c, algorithm);
    return DNN_SUCCESS;
  });
}

int cudnnConvolutionForward(DnnHandle* handle, const float* alpha, const TensorDescriptor* x, const void* xData,
                            const FilterDescriptor* w, const void* wData, const ConvolutionDescriptor* conv,
                            int algorithm, void* workspace, size_t workspaceBytes, const float* beta,
                            const TensorDescriptor* y, void* yData) {
  return dnnCall("cudnnConvolutionForward", handle, [&]() -> int {
    Convolution c;
    int status = gather(c, x, w, conv, y);
    if (status) return status;
    if (!alpha || !beta) return DNN_BAD_PARAM_NULL_POINTER;
    // beta * y is what the fused call calls alpha2 * z.
    const void* z = *beta != 0 ? yData : nullptr;
    return launch(handle, c, algorithm,
                  {"cudnnConvolutionForward", xData, wData, z, nullptr, yData, workspace, workspaceBytes, *alpha, *beta,
                   DNN_IDENTITY});
  });
}

int cudnnConvolutionBiasActivationForward(DnnHandle* handle, const float* alpha1, const TensorDescriptor* x,
                                          const void* xData, const FilterDescriptor* w, const void* wData,
                                          const ConvolutionDescriptor* conv, int algorithm, void* workspace,
                                          size_t workspaceBytes, const float* alpha2, const TensorDescriptor* z,
                                          const void* zData, const TensorDescriptor* bias, const void* biasData,
                                          const ActivationDescriptor* activation, const TensorDescriptor* y,
                                          void* yData) {
  return dnnCall("cudnnConvolutionBiasActivationForward", handle, [&]() -> int {
    Convolution c;
    int status = gather(c, x, w, conv, y);
    if (!status) status = checkFusion(c, algorithm, z, bias, activation);
    if (status) return status;
    if (!alpha1 || !alpha2 || !zData || !biasData) return DNN_BAD_PARAM_NULL_POINTER;
    return launch(handle, c, algorithm,
                  {"cudnnConvolutionBiasActivationForward", xData, wData, zData, biasData, yData, workspace,
                   workspaceBytes, *alpha1, *alpha2, activation->mode});
  });
}
}
