// A self-test of the harness: small programs against the driver API, one per promise. Which exit
// status and which words on stderr each must produce is said in CudaOnCpuTest.java.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "../shim/cuda/abi.h"

extern "C" {
CUresult cuInit(unsigned);
CUresult cuDeviceGetCount(int*);
CUresult cuDevicePrimaryCtxRetain(void**, CUdevice);
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice);
CUresult cuCtxSetCurrent(void*);
CUresult cuCtxSynchronize();
CUresult cuCtxEnablePeerAccess(void*, unsigned);
CUresult cuMemAlloc_v2(CUdeviceptr*, size_t);
CUresult cuMemFree_v2(CUdeviceptr);
CUresult cuMemGetInfo_v2(size_t*, size_t*);
CUresult cuMemHostAlloc(void**, size_t, unsigned);
CUresult cuMemFreeHost(void*);
CUresult cuMemcpyHtoD_v2(CUdeviceptr, const void*, size_t);
CUresult cuMemcpyDtoH_v2(void*, CUdeviceptr, size_t);
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr, const void*, size_t, void*);
CUresult cuMemcpyDtoHAsync_v2(void*, CUdeviceptr, size_t, void*);
CUresult cuMemsetD32Async(CUdeviceptr, unsigned, size_t, void*);
CUresult cuStreamCreate(void**, unsigned);
CUresult cuStreamDestroy_v2(void*);
CUresult cuStreamSynchronize(void*);
CUresult cuStreamQuery(void*);
CUresult cuStreamWaitEvent(void*, void*, unsigned);
CUresult cuStreamBeginCapture_v2(void*, int);
CUresult cuStreamEndCapture(void*, void**);
CUresult cuEventCreate(void**, unsigned);
CUresult cuEventDestroy_v2(void*);
CUresult cuEventRecord(void*, void*);
CUresult cuGraphGetNodes(void*, void**, size_t*);
CUresult cuGraphDestroy(void*);
CUresult cuGraphInstantiateWithFlags(void**, void*, unsigned long long);
CUresult cuGraphExecKernelNodeSetParams_v2(void*, void*, const KernelNodeParams*);
CUresult cuGraphLaunch(void*, void*);
CUresult cuGraphExecDestroy(void*);
CUresult cuModuleLoadData(void**, const void*);
CUresult cuModuleUnload(void*);
CUresult cuModuleGetFunction(void**, void*, const char*);
CUresult cuFuncSetAttribute(void*, int, int);
CUresult cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**,
                        void**);
}

using Case = std::function<void()>;
std::map<std::string, Case>& cases();

struct Registration {
  Registration(const char* name, Case body) { cases()[name] = std::move(body); }
};

#define CASE(name)                                           \
  static void case_##name();                                 \
  static Registration registered_##name(#name, case_##name); \
  static void case_##name()

#define EXPECT(condition)                                                    \
  do {                                                                       \
    if (!(condition)) {                                                      \
      fprintf(stderr, "FAILED %s:%d: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                               \
    }                                                                        \
  } while (0)

#define EXPECT_STATUS(expected, call)                                                  \
  do {                                                                                 \
    int status_ = (call);                                                              \
    if (status_ != (expected)) {                                                       \
      fprintf(stderr, "FAILED %s:%d: %s is %d\n", __FILE__, __LINE__, #call, status_); \
      exit(1);                                                                         \
    }                                                                                  \
  } while (0)

#define OK(call) EXPECT_STATUS(CUDA_SUCCESS, call)

// A device's primary context, current while it lives.
class Gpu {
 public:
  explicit Gpu(int ordinal = 0);
  ~Gpu();
  void* context() const { return context_; }
  void use() const { OK(cuCtxSetCurrent(context_)); }
  // A kernel of selftest/kernels.
  void* kernel(const char* name) const;

 private:
  int ordinal_;
  void *context_, *module_;
};

// Device memory with the contents of a vector.
template <class T>
class Buffer {
 public:
  explicit Buffer(size_t count) : count_(count) { OK(cuMemAlloc_v2(&p_, count * sizeof(T))); }
  explicit Buffer(const std::vector<T>& values) : Buffer(values.size()) {
    OK(cuMemcpyHtoD_v2(p_, values.data(), count_ * sizeof(T)));
  }
  ~Buffer() { cuMemFree_v2(p_); }
  CUdeviceptr& p() { return p_; }
  void* data() { return reinterpret_cast<void*>(p_); }
  std::vector<T> get() {
    std::vector<T> values(count_);
    OK(cuMemcpyDtoH_v2(values.data(), p_, count_ * sizeof(T)));
    return values;
  }

 private:
  size_t count_;
  CUdeviceptr p_ = 0;
};

// Launches with the given arguments, on the legacy stream unless told otherwise.
struct Shape {
  unsigned grid, block, shared = 0;
  void* stream = nullptr;
};
template <class... Args>
CUresult launch(void* kernel, Shape s, Args... args) {
  void* parameters[] = {static_cast<void*>(&args)...};
  return cuLaunchKernel(kernel, s.grid, 1, 1, s.block, 1, 1, s.shared, s.stream, parameters, nullptr);
}

// Pseudo-random numbers in [-1, 1), the same in every run.
std::vector<float> numbers(size_t count, unsigned seed = 1);
