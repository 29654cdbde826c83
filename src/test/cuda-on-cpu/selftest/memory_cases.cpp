// Allocations, and what may be done to them.
#include <algorithm>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <thread>

#include "selftest.h"

CASE(clean) {
  Gpu gpu;
  std::vector<float> x = numbers(1000);
  Buffer<float> in(x), out(1000);
  OK(launch(gpu.kernel("scale"), {4, 256}, out.p(), in.p(), 2.0f, 1000));
  std::vector<float> y = out.get();
  for (int i = 0; i < 1000; ++i) EXPECT(y[i] == 2 * x[i]);
}

CASE(fresh_memory_is_garbage) {
  Gpu gpu;
  for (int byte : Buffer<unsigned char>(100).get()) EXPECT(byte == 0xCD);
}

CASE(leak) {
  Gpu gpu;
  CUdeviceptr forgotten;
  OK(cuMemAlloc_v2(&forgotten, 1234));
}

CASE(leaked_handles) {
  OK(cuInit(0));
  void *context, *stream;
  OK(cuDevicePrimaryCtxRetain(&context, 0));
  OK(cuCtxSetCurrent(context));
  OK(cuStreamCreate(&stream, 0));
}

// The program's own failure is not painted over.
CASE(leak_of_a_failing_program) {
  Gpu gpu;
  CUdeviceptr forgotten;
  OK(cuMemAlloc_v2(&forgotten, 1234));
  exit(3);
}

CASE(overrun) {
  Gpu gpu;
  Buffer<int> out(10);
  OK(launch(gpu.kernel("write_at"), {1, 1}, out.p(), 10));
  OK(cuCtxSynchronize());
}

CASE(underrun) {
  Gpu gpu;
  Buffer<int> out(10);
  OK(launch(gpu.kernel("write_at"), {1, 1}, out.p(), -1));
}

CASE(far_out_of_bounds) {
  Gpu gpu;
  Buffer<int> out(10);
  OK(launch(gpu.kernel("read_at"), {1, 1}, out.p(), out.p(), 1000));
  EXPECT_STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
}

CASE(use_after_free) {
  Gpu gpu;
  Buffer<int> out(10);
  CUdeviceptr freed;
  OK(cuMemAlloc_v2(&freed, 400));
  OK(cuMemFree_v2(freed));
  OK(launch(gpu.kernel("read_at"), {1, 1}, out.p(), freed, 0));
  EXPECT_STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
}

// Linux allows a process 65530 mappings, which long work must not use up.
CASE(freed_memory_leaves_no_mappings) {
  Gpu gpu;
  auto mappings = [] {
    std::ifstream maps("/proc/self/maps");
    return std::count(std::istreambuf_iterator<char>(maps), {}, '\n');
  };
  long first = 0;
  std::deque<CUdeviceptr> live;
  for (int i = 0; i < 10000; ++i) {
    CUdeviceptr p;
    OK(cuMemAlloc_v2(&p, 1000 * (1 + i * 37 % 97)));
    live.insert(live.begin() + i * 61 % (live.size() + 1), p);
    if (live.size() == 100) {
      if (!first) first = mappings();
      OK(cuMemFree_v2(live.back()));
      live.pop_back();
    }
  }
  EXPECT(mappings() < first + 20);
  for (CUdeviceptr p : live) OK(cuMemFree_v2(p));
}

CASE(double_free) {
  Gpu gpu;
  CUdeviceptr p;
  OK(cuMemAlloc_v2(&p, 4));
  OK(cuMemFree_v2(p));
  EXPECT_STATUS(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(p));
}

CASE(copy_beyond_the_end) {
  Gpu gpu;
  Buffer<char> out(100);
  char bytes[200] = {};
  EXPECT_STATUS(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoD_v2(out.p(), bytes, 101));
}

CASE(host_pointer_in_a_kernel) {
  Gpu gpu;
  int onTheStack = 0;
  OK(launch(gpu.kernel("write_at"), {1, 1}, &onTheStack, 0));
  EXPECT_STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
}

// Run with CUDA_ON_CPU_MEMORY=1M.
CASE(out_of_memory) {
  Gpu gpu;
  CUdeviceptr most, more;
  OK(cuMemAlloc_v2(&most, 1000 << 10));
  EXPECT_STATUS(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&more, 100 << 10));
  size_t free, total;
  OK(cuMemGetInfo_v2(&free, &total));
  EXPECT(total == 1 << 20 && free == 24 << 10);
  OK(cuMemFree_v2(most));
  OK(cuMemAlloc_v2(&more, 100 << 10));
  OK(cuMemFree_v2(more));
}

// ---- run with CUDA_ON_CPU_DEVICES=2

CASE(two_devices) {
  int count;
  OK(cuInit(0));
  OK(cuDeviceGetCount(&count));
  EXPECT(count == 2);
  Gpu first(0), second(1);
  first.use();
  Buffer<int> a(std::vector<int>{0});
  OK(launch(first.kernel("write_at"), {1, 1}, a.p(), 0));
  second.use();
  Buffer<int> b(std::vector<int>{0});
  OK(launch(second.kernel("write_at"), {1, 1}, b.p(), 0));
  EXPECT(b.get()[0] == 7);
  OK(cuCtxEnablePeerAccess(first.context(), 0));
  OK(launch(second.kernel("read_at"), {1, 1}, b.p(), a.p(), 0));
  OK(cuCtxSynchronize());
  first.use();
  EXPECT(a.get()[0] == 7);
}

// A worker per device, as the program runs several GPUs.
CASE(two_devices_on_two_threads) {
  OK(cuInit(0));
  auto work = [](int ordinal, std::vector<float>* result) {
    Gpu gpu(ordinal);
    std::vector<float> x = numbers(64 * 256, ordinal + 1);
    Buffer<float> in(x), out(64);
    for (int i = 0; i < 50; ++i) OK(launch(gpu.kernel("tree_sum"), {64, 256, 256 * 4}, out.p(), in.p()));
    *result = out.get();
  };
  std::vector<float> alone[2], together[2];
  for (int i = 0; i < 2; ++i) work(i, &alone[i]);
  std::thread other(work, 1, &together[1]);
  work(0, &together[0]);
  other.join();
  for (int i = 0; i < 2; ++i) EXPECT(alone[i] == together[i]);
}

CASE(memory_of_another_device) {
  Gpu first(0), second(1);
  first.use();
  Buffer<int> a(1);
  second.use();
  OK(launch(second.kernel("write_at"), {1, 1}, a.p(), 0));
  EXPECT_STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize());
  first.use();
  OK(cuCtxSynchronize());
}
