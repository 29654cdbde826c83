// cuBLAS, cuDNN and NVRTC against plain loops, and their complaints.
#include <cmath>
#include <cstring>

#include "../emu/float16.h"
#include "libraries.h"

namespace {

uint16_t half(float x) { return emu::floatToHalf(x); }

std::vector<uint16_t> halves(const std::vector<float>& values) {
  std::vector<uint16_t> bits;
  for (float v : values) bits.push_back(half(v));
  return bits;
}

std::vector<float> widened(const std::vector<uint16_t>& bits) {
  std::vector<float> values;
  for (uint16_t b : bits) values.push_back(emu::halfToFloat(b));
  return values;
}

struct Blas {
  void* handle;
  Blas() { OK(cublasCreate_v2(&handle)); }
  ~Blas() { cublasDestroy_v2(handle); }
};

struct Dnn {
  void* handle;
  Dnn() { OK(cudnnCreate(&handle)); }
  ~Dnn() { cudnnDestroy(handle); }
};

constexpr int kF32 = 0, kF16 = 2, kCompute32F = 68, kComputeTf32 = 77;

}  // namespace

CASE(gemm_in_every_transposition) {
  Gpu gpu;
  Blas blas;
  const int m = 37, n = 211, k = 300, ldc = 40;
  for (int ta = 0; ta < 2; ++ta) {
    for (int tb = 0; tb < 2; ++tb) {
      int lda = (ta ? k : m) + 3, ldb = (tb ? n : k) + 5;
      std::vector<float> a = numbers(lda * (ta ? m : k), 1), b = numbers(ldb * (tb ? k : n), 2), c = numbers(ldc * n, 3);
      Buffer<float> da(a), db(b), dc(c);
      float alpha = 0.5f, beta = 2;
      OK(cublasSgemm_v2(blas.handle, ta, tb, m, n, k, &alpha, da.data(), lda, db.data(), ldb, &beta, dc.data(), ldc));
      std::vector<float> got = dc.get();
      for (int j = 0; j < n; ++j) {
        for (int i = 0; i < ldc; ++i) {
          double sum = 0;
          for (int x = 0; x < k; ++x) sum += static_cast<double>(ta ? a[i * lda + x] : a[x * lda + i]) * (tb ? b[x * ldb + j] : b[j * ldb + x]);
          double expected = i < m ? alpha * sum + beta * c[j * ldc + i] : c[j * ldc + i];
          EXPECT(std::fabs(expected - got[j * ldc + i]) < 1e-4);
        }
      }
    }
  }
}

// Beta 0 must not let garbage in C through, half results are rounded once.
CASE(gemm_strided_batches_of_halves) {
  Gpu gpu;
  Blas blas;
  const int m = 20, n = 9, k = 33, batch = 3;
  std::vector<uint16_t> a = halves(numbers(batch * m * k, 1)), b = halves(numbers(batch * k * n, 2));
  std::vector<float> wa = widened(a), wb = widened(b);
  Buffer<uint16_t> da(a), db(b), dc(std::vector<uint16_t>(batch * m * n, 0x7E00));  // NaN
  float alpha = 1, beta = 0;
  OK(cublasGemmStridedBatchedEx(blas.handle, 0, 0, m, n, k, &alpha, da.data(), kF16, m, m * k, db.data(), kF16, k, k * n,
                                &beta, dc.data(), kF16, m, m * n, batch, kCompute32F, -1));
  std::vector<float> got = widened(dc.get());
  for (int z = 0; z < batch; ++z) {
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < m; ++i) {
        double sum = 0;
        for (int x = 0; x < k; ++x) sum += static_cast<double>(wa[z * m * k + x * m + i]) * wb[z * k * n + j * k + x];
        EXPECT(std::fabs(sum - got[z * m * n + j * m + i]) <= std::fabs(sum) * ldexp(1, -11) + 1e-5);
      }
    }
  }
}

CASE(gemm_does_not_depend_on_the_batch) {
  Gpu gpu;
  Blas blas;
  const int m = 64, k = 700, many = 500;
  Buffer<float> a(numbers(m * k, 1)), b(numbers(k * many, 2)), all(m * many), one(m);
  float alpha = 1, beta = 0;
  OK(cublasSgemm_v2(blas.handle, 1, 0, m, many, k, &alpha, a.data(), k, b.data(), k, &beta, all.data(), m));
  const int column = 321;
  const float* from = static_cast<const float*>(b.data()) + column * k;
  OK(cublasSgemm_v2(blas.handle, 1, 0, m, 1, k, &alpha, a.data(), k, from, k, &beta, one.data(), m));
  std::vector<float> of = all.get(), alone = one.get();
  EXPECT(!memcmp(&of[column * m], alone.data(), m * sizeof(float)));
}

CASE(tf32_is_coarser) {
  Gpu gpu;
  Blas blas;
  const int k = 64;
  Buffer<float> a(numbers(k, 1)), b(numbers(k, 2)), c(1);
  float alpha = 1, beta = 0, exact, coarse;
  auto product = [&](int compute) {
    OK(cublasGemmEx(blas.handle, 1, 0, 1, 1, k, &alpha, a.data(), kF32, k, b.data(), kF32, k, &beta, c.data(), kF32, 1, compute, -1));
    return c.get()[0];
  };
  exact = product(kCompute32F);
  coarse = product(kComputeTf32);
  EXPECT(exact != coarse && std::fabs(exact - coarse) < 1e-2);
}

CASE(gemm_complaints) {
  Gpu gpu;
  Blas blas;
  Buffer<float> a(16), b(16), c(16);
  float one = 1;
  constexpr int kNotInitialized = 1, kInvalidValue = 7, kExecutionFailed = 13, kNotSupported = 15;
  auto gemm = [&](void* handle, int m, int lda, int type, int compute) {
    return cublasGemmEx(handle, 0, 0, m, 4, 4, &one, a.data(), type, lda, b.data(), type, 4, &one, c.data(), type, 4, compute, -1);
  };
  OK(gemm(blas.handle, 4, 4, kF32, kCompute32F));
  EXPECT_STATUS(kNotInitialized, gemm(nullptr, 4, 4, kF32, kCompute32F));
  EXPECT_STATUS(kInvalidValue, gemm(blas.handle, 4, 3, kF32, kCompute32F));
  EXPECT_STATUS(kNotSupported, gemm(blas.handle, 4, 4, kF16, kComputeTf32));
  EXPECT_STATUS(kExecutionFailed, gemm(blas.handle, 4, 5, kF32, kCompute32F));  // one element too many
}

CASE(gemm_is_captured) {
  Gpu gpu;
  Blas blas;
  void *stream, *graph, *exec;
  Buffer<float> a(std::vector<float>{2}), b(std::vector<float>{3}), c(std::vector<float>{1});
  float one = 1;
  OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  OK(cublasSetStream_v2(blas.handle, stream));
  OK(cuStreamBeginCapture_v2(stream, CU_CAPTURE_THREAD_LOCAL));
  OK(cublasSgemm_v2(blas.handle, 0, 0, 1, 1, 1, &one, a.data(), 1, b.data(), 1, &one, c.data(), 1));
  OK(cuStreamEndCapture(stream, &graph));
  OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
  for (int i = 0; i < 2; ++i) OK(cuGraphLaunch(exec, stream));
  OK(cuStreamSynchronize(stream));
  EXPECT(c.get()[0] == 13);
  OK(cuGraphDestroy(graph));
  OK(cuGraphExecDestroy(exec));
  OK(cuStreamDestroy_v2(stream));
}

// ---- convolution

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

double reference(const ConvolutionCase& s, const std::vector<float>& x, const std::vector<float>& w, int n, int k, int oy, int ox) {
  int perGroup = s.c / s.groups, group = k / (s.k / s.groups);
  double sum = 0;
  for (int c = 0; c < perGroup; ++c) {
    for (int r = 0; r < s.r; ++r) {
      for (int q = 0; q < s.r; ++q) {
        int iy = oy * s.stride - s.pad + r, ix = ox * s.stride - s.pad + q;
        if (iy < 0 || iy >= s.h || ix < 0 || ix >= s.w) continue;
        sum += static_cast<double>(x[at(s.format, s.c, s.h, s.w, n, group * perGroup + c, iy, ix)]) * w[at(s.format, perGroup, s.r, s.r, k, c, r, q)];
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
  for (const ConvolutionCase& s : {ConvolutionCase{2, 8, 9, 7, 12, 3, 1, 1, 1, 1}, ConvolutionCase{2, 8, 9, 7, 12, 3, 2, 1, 1, 1},
                                   ConvolutionCase{1, 5, 8, 8, 3, 3, 1, 1, 1, 1}, ConvolutionCase{3, 6, 10, 6, 4, 1, 1, 0, 1, 0},
                                   ConvolutionCase{1, 4, 16, 16, 6, 4, 4, 0, 2, 0}, ConvolutionCase{1, 130, 6, 6, 200, 3, 1, 1, 1, 1}}) {
    Descriptors d(s, 0, kFmaMath);
    std::vector<float> x = numbers(s.n * s.c * s.h * s.w, 1), w = numbers(s.k * s.c / s.groups * s.r * s.r, 2);
    size_t bytes;
    OK(cudnnGetConvolutionForwardWorkspaceSize(dnn.handle, d.x, d.filter, d.conv, d.y, kPrecompGemm, &bytes));
    Buffer<float> dx(x), dw(w), dy(s.n * s.k * d.outH * d.outW);
    Buffer<char> workspace(bytes);
    float one = 1, zero = 0;
    OK(cudnnConvolutionForward(dnn.handle, &one, d.x, dx.data(), d.filter, dw.data(), d.conv, kPrecompGemm, workspace.data(),
                               bytes, &zero, d.y, dy.data()));
    std::vector<float> y = dy.get();
    for (int n = 0; n < s.n; ++n) {
      for (int k = 0; k < s.k; ++k) {
        for (int oy = 0; oy < d.outH; ++oy) {
          for (int ox = 0; ox < d.outW; ++ox) {
            EXPECT(std::fabs(reference(s, x, w, n, k, oy, ox) - y[at(s.format, s.k, d.outH, d.outW, n, k, oy, ox)]) < 1e-4);
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
  std::vector<uint16_t> x = halves(numbers(2 * 16 * 64, 1)), w = halves(numbers(24 * 16 * 9, 2)), z = halves(numbers(2 * 24 * 64, 3)), b = halves(numbers(24, 4));
  Buffer<uint16_t> dx(x), dw(w), dy(z), db(b);
  size_t bytes;
  OK(cudnnGetConvolutionForwardWorkspaceSize(dnn.handle, d.x, d.filter, d.conv, d.y, kPrecompGemm, &bytes));
  Buffer<char> workspace(bytes);
  float one = 1;
  OK(cudnnConvolutionBiasActivationForward(dnn.handle, &one, d.x, dx.data(), d.filter, dw.data(), d.conv, kPrecompGemm,
                                           workspace.data(), bytes, &one, d.y, dy.data(), d.bias, db.data(), d.activation, d.y,
                                           dy.data()));
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
    OK(cudnnConvolutionForward(dnn.handle, &one, d.x, dx.data(), d.filter, dw.data(), d.conv, 0, nullptr, 0, &zero, d.y, dy.data()));
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
    return cudnnConvolutionForward(dnn.handle, &one, d.x, static_cast<uint16_t*>(x.data()) + shift, d.filter, w.data(), d.conv,
                                   algorithm, workspace.data(), bytes, &zero, yDescriptor, y.data());
  };
  auto fused = [&](int algorithm, void* activation, void* z) {
    return cudnnConvolutionBiasActivationForward(dnn.handle, &one, d.x, x.data(), d.filter, w.data(), d.conv, algorithm,
                                                 workspace.data(), 1 << 16, &zero, z, y.data(), d.bias, bias.data(), activation,
                                                 d.y, y.data());
  };
  OK(plain(kPrecompGemm, 1 << 16, 0, d.y));
  EXPECT_STATUS(kTooSmall, plain(kPrecompGemm, 16, 0, d.y));
  EXPECT_STATUS(kMisaligned, plain(kPrecompGemm, 1 << 16, 1, d.y));
  EXPECT_STATUS(kNotSupported, plain(6, 1 << 16, 0, d.y));        // Winograd takes no NHWC filters
  EXPECT_STATUS(kBadParam, plain(kPrecompGemm, 1 << 16, 0, d.bias));  // not the shape of the result
  OK(fused(kPrecompGemm, d.activation, d.y));
  EXPECT_STATUS(kNotSupported, fused(0, d.activation, d.y));      // identity needs IMPLICIT_PRECOMP_GEMM
  EXPECT_STATUS(kBadParam, fused(kPrecompGemm, d.activation, d.bias));
  Descriptors tanh(s, 2, 1, 2);
  EXPECT_STATUS(kNotSupported, fused(kPrecompGemm, tanh.activation, d.y));
  EXPECT(!strcmp(cudnnGetErrorString(3000), "CUDNN_STATUS_NOT_SUPPORTED"));
}

// ---- images of kernels

CASE(ptx_is_checked) {
  Gpu gpu;
  void *module, *function;
  auto ptx = [](const char* version, const char* target, const char* entry) {
    return std::string(".version ") + version + "\n.target " + target + "\n.address_size 64\n" + entry;
  };
  const char* right =
      ".visible .entry write_at(\n.param .u64 .ptr .align 1 write_at_param_0,\n.param .u32 write_at_param_1\n)\n{ ret; }\n";
  const char* stale = ".visible .entry write_at(\n.param .u64 write_at_param_0\n)\n{ ret; }\n";
  EXPECT_STATUS(CUDA_ERROR_INVALID_PTX, cuModuleLoadData(&module, "int main() {}"));
  EXPECT_STATUS(CUDA_ERROR_NO_BINARY_FOR_GPU, cuModuleLoadData(&module, ptx("8.0", "sm_90", right).c_str()));
  OK(cuModuleLoadData(&module, ptx("8.0", "sm_80", right).c_str()));
  OK(cuModuleGetFunction(&function, module, "write_at"));
  EXPECT_STATUS(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(&function, module, "read_at"));
  OK(cuModuleUnload(module));
  OK(cuModuleLoadData(&module, ptx("8.0", "sm_80", stale).c_str()));
  EXPECT_STATUS(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(&function, module, "write_at"));
  OK(cuModuleUnload(module));
  EXPECT_STATUS(CUDA_ERROR_UNSUPPORTED_PTX_VERSION, cuModuleLoadData(&module, ptx("9.0", "sm_80", right).c_str()));
}

CASE(nvrtc) {
  Gpu gpu;
  const char* source = "#include \"common.cuh\"\nextern \"C\" __global__ void write_at(int* y, int index) {}\n";
  const char *headers[] = {"#pragma once\n"}, *names[] = {"common.cuh"}, *options[] = {"--gpu-architecture=compute_80"};
  void *program, *module, *function;
  constexpr int kCompilation = 6;
  OK(nvrtcCreateProgram(&program, source, "bad.cu", 0, nullptr, nullptr));
  EXPECT_STATUS(kCompilation, nvrtcCompileProgram(program, 1, options));
  size_t bytes;
  OK(nvrtcGetProgramLogSize(program, &bytes));
  std::string log(bytes, 0);
  OK(nvrtcGetProgramLog(program, &log[0]));
  EXPECT(log.find("cannot open source file \"common.cuh\"") != std::string::npos);
  OK(nvrtcDestroyProgram(&program));
  OK(nvrtcCreateProgram(&program, source, "bad.cu", 1, headers, names));
  OK(nvrtcCompileProgram(program, 1, options));
  OK(nvrtcGetPTXSize(program, &bytes));
  std::string ptx(bytes, 0);
  OK(nvrtcGetPTX(program, &ptx[0]));
  OK(nvrtcDestroyProgram(&program));
  OK(cuModuleLoadData(&module, ptx.c_str()));
  OK(cuModuleGetFunction(&function, module, "write_at"));
  EXPECT_STATUS(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(&function, module, "scale"));  // of another file
  OK(cuModuleUnload(module));
}

// ---- failures on demand; each is run with a CUDA_ON_CPU_FAIL of its own

CASE(injected_allocation_failure) {  // cuMemAlloc_v2:2:CUDA_ERROR_OUT_OF_MEMORY
  Gpu gpu;
  Buffer<int> first(1);
  CUdeviceptr second;
  EXPECT_STATUS(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&second, 4));
  Buffer<int> third(1);
  EXPECT(first.get().size() == 1);
}

CASE(injected_loss_of_the_device) {  // cuLaunchKernel:1:CUDA_ERROR_DEVICE_UNAVAILABLE
  Gpu gpu;
  Blas blas;
  Dnn dnn;
  Buffer<float> y(std::vector<float>(16));
  EXPECT_STATUS(CUDA_ERROR_DEVICE_UNAVAILABLE, launch(gpu.kernel("scale"), {1, 1}, y.p(), y.p(), 1.0f, 1));
  EXPECT_STATUS(CUDA_ERROR_DEVICE_UNAVAILABLE, cuCtxSynchronize());
  CUdeviceptr p;
  EXPECT_STATUS(CUDA_ERROR_DEVICE_UNAVAILABLE, cuMemAlloc_v2(&p, 4));
  float one = 1;
  constexpr int kBlasExecutionFailed = 13, kDnnExecutionFailed = 5000;
  EXPECT_STATUS(kBlasExecutionFailed, cublasSgemm_v2(blas.handle, 0, 0, 1, 1, 1, &one, y.data(), 1, y.data(), 1, &one, y.data(), 1));
  EXPECT_STATUS(kDnnExecutionFailed, cudnnSetStream(dnn.handle, nullptr));
}

CASE(injected_library_failures) {  // cublasCreate_v2:1:CUBLAS_STATUS_ALLOC_FAILED,cudnnCreate:1+:CUDNN_STATUS_NOT_INITIALIZED
  Gpu gpu;
  void* handle;
  EXPECT_STATUS(3, cublasCreate_v2(&handle));
  OK(cublasCreate_v2(&handle));
  OK(cublasDestroy_v2(handle));
  EXPECT_STATUS(1001, cudnnCreate(&handle));
  EXPECT_STATUS(1001, cudnnCreate(&handle));
}

// ---- counts; CudaOnCpuTest reads the file

CASE(counters) {
  Gpu gpu;
  Blas blas;
  Buffer<float> a(numbers(64)), b(numbers(64)), c(64);
  float one = 1, zero = 0;
  OK(cublasSgemm_v2(blas.handle, 0, 0, 8, 8, 8, &one, a.data(), 8, b.data(), 8, &zero, c.data(), 8));
  for (int i = 0; i < 3; ++i) OK(launch(gpu.kernel("scale"), {2, 32}, c.p(), a.p(), 2.0f, 64));
  c.get();
}
