// Failures on demand, each case with a CUDA_ON_CPU_FAIL of its own, and the counters.
#include "libraries.h"

// cuMemAlloc_v2:2:CUDA_ERROR_OUT_OF_MEMORY
CASE(injected_allocation_failure) {
  Gpu gpu;
  Buffer<int> first(1);
  CUdeviceptr second;
  EXPECT_STATUS(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&second, 4));
  Buffer<int> third(1);
  EXPECT(first.get().size() == 1);
}

// cuLaunchKernel:1:CUDA_ERROR_DEVICE_UNAVAILABLE
CASE(injected_loss_of_the_device) {
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
  EXPECT_STATUS(kBlasExecutionFailed,
                cublasSgemm_v2(blas.handle, 0, 0, 1, 1, 1, &one, y.data(), 1, y.data(), 1, &one, y.data(), 1));
  EXPECT_STATUS(kDnnExecutionFailed, cudnnSetStream(dnn.handle, nullptr));
}

// cublasCreate_v2:1:CUBLAS_STATUS_ALLOC_FAILED,cudnnCreate:1+:CUDNN_STATUS_NOT_INITIALIZED
CASE(injected_library_failures) {
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
