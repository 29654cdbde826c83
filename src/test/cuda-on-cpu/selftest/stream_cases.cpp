// Streams, events, asynchronous copies and graphs; most are run with CUDA_ON_CPU_DEFERRED=1 as well.
#include <cstring>

#include "selftest.h"

namespace {

struct Stream {
  void* handle;
  explicit Stream(unsigned flags = CU_STREAM_NON_BLOCKING) { OK(cuStreamCreate(&handle, flags)); }
  ~Stream() { OK(cuStreamDestroy_v2(handle)); }
};

struct Event {
  void* handle;
  Event() { OK(cuEventCreate(&handle, 0)); }
  ~Event() { OK(cuEventDestroy_v2(handle)); }
};

template <class T>
struct Pinned {
  T* data;
  explicit Pinned(size_t count) {
    void* p;
    OK(cuMemHostAlloc(&p, count * sizeof(T), 0));
    data = static_cast<T*>(p);
  }
  ~Pinned() { OK(cuMemFreeHost(data)); }
};

}  // namespace

CASE(read_after_synchronize) {
  Gpu gpu;
  Stream s;
  Buffer<int> device(4);
  Pinned<int> host(4);
  host.data[0] = -1;
  OK(cuMemsetD32Async(device.p(), 5, 4, s.handle));
  OK(cuMemcpyDtoHAsync_v2(host.data, device.p(), 16, s.handle));
  OK(cuStreamSynchronize(s.handle));
  EXPECT(host.data[0] == 5);
}

// Deferred only: the host looks too early.
CASE(read_before_synchronize_shows) {
  Gpu gpu;
  Stream s;
  Buffer<int> device(4);
  Pinned<int> host(4);
  host.data[0] = -1;
  OK(cuMemsetD32Async(device.p(), 5, 4, s.handle));
  OK(cuMemcpyDtoHAsync_v2(host.data, device.p(), 16, s.handle));
  EXPECT(host.data[0] == -1);
  EXPECT_STATUS(CUDA_ERROR_NOT_READY, cuStreamQuery(s.handle));
  while (cuStreamQuery(s.handle) == CUDA_ERROR_NOT_READY) {
  }
  EXPECT(host.data[0] == 5);
}

// Deferred only: the host writes to a pinned buffer that the device has not read yet.
CASE(buffer_reused_too_early_shows) {
  Gpu gpu;
  Stream s;
  Buffer<int> device(1);
  Pinned<int> host(1);
  host.data[0] = 1;
  OK(cuMemcpyHtoDAsync_v2(device.p(), host.data, 4, s.handle));
  host.data[0] = 2;
  OK(cuStreamSynchronize(s.handle));
  EXPECT(device.get()[0] == 2);
}

CASE(unpinned_upload) {
  Gpu gpu;
  Stream s;
  Buffer<int> device(1);
  int pageable = 1;
  OK(cuMemcpyHtoDAsync_v2(device.p(), &pageable, 4, s.handle));
  OK(cuStreamSynchronize(s.handle));
  printf("%x\n", device.get()[0]);
}

CASE(unpinned_download) {
  Gpu gpu;
  Stream s;
  Buffer<int> device(std::vector<int>{1});
  int pageable = 0;
  OK(cuMemcpyDtoHAsync_v2(&pageable, device.p(), 4, s.handle));
  OK(cuStreamSynchronize(s.handle));
  printf("%x\n", pageable);
}

// One stream fills, the other copies. Prints what the copy saw: 7, or garbage if it came first.
static void twoStreams(bool withEvent) {
  Gpu gpu;
  Stream fill, copy;
  Event filled;
  Buffer<int> device(1);
  Pinned<int> host(1);
  OK(cuMemsetD32Async(device.p(), 7, 1, fill.handle));
  OK(cuEventRecord(filled.handle, fill.handle));
  if (withEvent) OK(cuStreamWaitEvent(copy.handle, filled.handle, 0));
  OK(cuMemcpyDtoHAsync_v2(host.data, device.p(), 4, copy.handle));
  OK(cuStreamSynchronize(copy.handle));
  OK(cuStreamSynchronize(fill.handle));
  printf("%x\n", *host.data);
}

CASE(two_streams_with_event) { twoStreams(true); }
CASE(two_streams_without_event) { twoStreams(false); }

// The legacy stream waits for blocking streams, and they for it.
CASE(legacy_stream_orders) {
  Gpu gpu;
  Stream blocking(CU_STREAM_DEFAULT);
  Buffer<int> device(1);
  OK(cuMemsetD32Async(device.p(), 1, 1, blocking.handle));
  OK(cuMemsetD32Async(device.p(), 2, 1, nullptr));
  OK(cuMemsetD32Async(device.p(), 3, 1, blocking.handle));
  EXPECT(device.get()[0] == 3);
}

CASE(work_left_at_exit) {
  Gpu gpu;
  Buffer<int> device(1);
  OK(cuMemsetD32Async(device.p(), 1, 1, nullptr));
  exit(0);
}

CASE(destroyed_stream) {
  Gpu gpu;
  void* stream;
  OK(cuStreamCreate(&stream, 0));
  OK(cuStreamDestroy_v2(stream));
  EXPECT_STATUS(CUDA_ERROR_INVALID_HANDLE, cuStreamSynchronize(stream));
}

// ---- graphs

static void* endCapture(Stream& s) {
  void *graph, *exec;
  OK(cuStreamEndCapture(s.handle, &graph));
  OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
  OK(cuGraphDestroy(graph));
  return exec;
}

CASE(capture_and_replay) {
  Gpu gpu;
  Stream s;
  Buffer<float> a(std::vector<float>{1}), b(1);
  void* scale = gpu.kernel("scale");
  OK(cuStreamBeginCapture_v2(s.handle, CU_CAPTURE_THREAD_LOCAL));
  OK(launch(scale, {1, 1, 0, s.handle}, b.p(), a.p(), 3.0f, 1));
  OK(launch(scale, {1, 1, 0, s.handle}, a.p(), b.p(), 1.0f, 1));
  void* exec = endCapture(s);
  OK(cuStreamSynchronize(s.handle));
  EXPECT(a.get()[0] == 1);  // captured, not run
  for (int i = 0; i < 3; ++i) OK(cuGraphLaunch(exec, s.handle));
  OK(cuStreamSynchronize(s.handle));
  EXPECT(a.get()[0] == 27);
  OK(cuGraphExecDestroy(exec));
}

CASE(changed_parameters_of_a_graph) {
  Gpu gpu;
  Stream s;
  Buffer<float> a(std::vector<float>{1}), b(1);
  void *scale = gpu.kernel("scale"), *graph, *exec, *node;
  OK(cuStreamBeginCapture_v2(s.handle, CU_CAPTURE_THREAD_LOCAL));
  OK(launch(scale, {1, 1, 0, s.handle}, b.p(), a.p(), 3.0f, 1));
  OK(cuStreamEndCapture(s.handle, &graph));
  OK(cuGraphInstantiateWithFlags(&exec, graph, 0));
  size_t count = 1;
  OK(cuGraphGetNodes(graph, &node, &count));
  EXPECT(count == 1);
  float factor = 5;
  int n = 1;
  void* parameters[] = {&b.p(), &a.p(), &factor, &n};
  KernelNodeParams changed{scale, 1, 1, 1, 1, 1, 1, 0, parameters, nullptr, nullptr, nullptr};
  OK(cuGraphExecKernelNodeSetParams_v2(exec, node, &changed));
  OK(cuGraphLaunch(exec, s.handle));
  OK(cuStreamSynchronize(s.handle));
  EXPECT(b.get()[0] == 5);
  OK(cuGraphDestroy(graph));
  OK(cuGraphExecDestroy(exec));
}

// Another stream joins the capture through events, and must be joined again.
static CUresult captureFork(bool joined) {
  Gpu gpu;
  Stream main, side;
  Event fork, join;
  Buffer<int> a(1), b(1);
  void* graph = nullptr;
  OK(cuStreamBeginCapture_v2(main.handle, CU_CAPTURE_THREAD_LOCAL));
  OK(cuMemsetD32Async(a.p(), 1, 1, main.handle));
  OK(cuEventRecord(fork.handle, main.handle));
  OK(cuStreamWaitEvent(side.handle, fork.handle, 0));
  OK(cuMemsetD32Async(b.p(), 2, 1, side.handle));
  OK(cuEventRecord(join.handle, side.handle));
  if (joined) OK(cuStreamWaitEvent(main.handle, join.handle, 0));
  CUresult status = cuStreamEndCapture(main.handle, &graph);
  if (graph) OK(cuGraphDestroy(graph));
  return status;
}

CASE(capture_with_fork) { OK(captureFork(true)); }
CASE(capture_unjoined) { EXPECT_STATUS(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, captureFork(false)); }

CASE(allocation_spoils_capture) {
  Gpu gpu;
  Stream s;
  CUdeviceptr p;
  void* graph;
  OK(cuStreamBeginCapture_v2(s.handle, CU_CAPTURE_THREAD_LOCAL));
  EXPECT_STATUS(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuMemAlloc_v2(&p, 4));
  EXPECT_STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(s.handle, &graph));
  EXPECT(graph == nullptr);
  OK(cuMemAlloc_v2(&p, 4));
  OK(cuMemFree_v2(p));
}

CASE(synchronize_spoils_capture) {
  Gpu gpu;
  Stream s;
  void* graph;
  OK(cuStreamBeginCapture_v2(s.handle, CU_CAPTURE_RELAXED));
  EXPECT_STATUS(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuStreamSynchronize(s.handle));
  EXPECT_STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(s.handle, &graph));
}

CASE(legacy_stream_spoils_capture) {
  Gpu gpu;
  Stream s(CU_STREAM_DEFAULT);
  Buffer<int> a(1);
  void* graph;
  OK(cuStreamBeginCapture_v2(s.handle, CU_CAPTURE_RELAXED));
  EXPECT_STATUS(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, cuMemsetD32Async(a.p(), 1, 1, nullptr));
  EXPECT_STATUS(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(s.handle, &graph));
}

CASE(freed_memory_in_a_graph) {
  Gpu gpu;
  Stream s;
  CUdeviceptr p;
  OK(cuMemAlloc_v2(&p, 4));
  OK(cuStreamBeginCapture_v2(s.handle, CU_CAPTURE_THREAD_LOCAL));
  OK(launch(gpu.kernel("write_at"), {1, 1, 0, s.handle}, p, 0));
  void* exec = endCapture(s);
  OK(cuMemFree_v2(p));
  OK(cuGraphLaunch(exec, s.handle));
  EXPECT_STATUS(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(s.handle));
  OK(cuGraphExecDestroy(exec));
}
