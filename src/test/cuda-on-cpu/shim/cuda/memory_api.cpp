// Allocation, copies and fills.
#include <cstring>

#include "driver.h"
#include "graph.h"
#include "memory.h"
#include "report.h"

using namespace shim;

namespace {

char* pointer(CUdeviceptr p) { return reinterpret_cast<char*>(p); }

CUresult allocateDevice(CUdeviceptr* out, size_t bytes) {
  Context* context = currentContext();
  Device* device = context->device;
  *out = 0;
  if (!bytes) return CUDA_ERROR_INVALID_VALUE;
  if (bytes > device->memoryTotal - device->memoryUsed) return CUDA_ERROR_OUT_OF_MEMORY;
  char* data = memory().allocate(context, MemoryKind::kDevice, bytes);
  if (!data) return CUDA_ERROR_OUT_OF_MEMORY;
  device->memoryUsed += bytes;
  countPeakMemory(device->memoryUsed);
  *out = reinterpret_cast<CUdeviceptr>(data);
  return CUDA_SUCCESS;
}

CUresult freeDevice(CUdeviceptr p, const char* function) {
  if (!p) return CUDA_SUCCESS;
  Allocation* a = memory().at(pointer(p));
  if (!a || a->kind != MemoryKind::kDevice) {
    violation("%s of %s", function, memory().describe(pointer(p)).c_str());
    return CUDA_ERROR_INVALID_VALUE;
  }
  a->context->device->memoryUsed -= a->bytes;
  memory().release(*a);
  return CUDA_SUCCESS;
}

CUresult freePinned(void* p, MemoryKind kind, const char* function) {
  Allocation* a = memory().at(p);
  if (!a || a->kind != kind) {
    violation("%s of %s", function, memory().describe(p).c_str());
    return kind == MemoryKind::kPinned ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
  }
  memory().release(*a);
  return CUDA_SUCCESS;
}

// Device memory that a copy or fill touches. The device answers INVALID_VALUE, not a fault.
CUresult checkOperand(CUdeviceptr p, size_t bytes, const char* function, const char* what) {
  return checkReachable(currentContext(), pointer(p), bytes, function, what) ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

Stream* legacy() { return currentContext()->legacy.get(); }

// Work on the legacy stream that the caller waits for, as of the copies without Async in their name.
CUresult runAndWait(Work work) {
  CUresult status = submitNode(legacy(), CU_NODE_MEMCPY, std::move(work));
  if (status) return status;
  drain(legacy());
  return currentContext()->lost;
}

CUresult onStream(void* handle, int nodeType, Work work) {
  Stream* stream = streamOf(handle, currentContext());
  return stream ? submitNode(stream, nodeType, std::move(work)) : CUDA_ERROR_INVALID_HANDLE;
}

template <class T>
Work fill(CUdeviceptr p, T value, size_t count) {
  return [=] {
    T* to = reinterpret_cast<T*>(p);
    for (size_t i = 0; i < count; ++i) to[i] = value;
    countCopy("memset", count * sizeof(T));
  };
}

// Fills return before the device has done them, also those without Async in their name.
template <class T>
CUresult memset(const char* function, CUdeviceptr p, T value, size_t count, void* stream, int demand) {
  return call(function, demand, [&]() -> CUresult {
    if (p % sizeof(T)) return CUDA_ERROR_INVALID_VALUE;
    CUresult bad = checkOperand(p, count * sizeof(T), function, "destination");
    return bad ? bad : onStream(stream, CU_NODE_MEMSET, fill<T>(p, value, count));
  });
}

}  // namespace

extern "C" {

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  return call("cuMemGetInfo_v2", kContext, [&] {
    Device* device = currentContext()->device;
    *total = device->memoryTotal;
    *free = device->memoryTotal - device->memoryUsed;
    return CUDA_SUCCESS;
  });
}

CUresult cuMemAlloc_v2(CUdeviceptr* p, size_t bytes) {
  return call("cuMemAlloc_v2", kContext | kOutsideCapture, [&] { return allocateDevice(p, bytes); });
}

// Waits for all work, as the driver does in fact. On a lost context it fails, and frees nothing.
CUresult cuMemFree_v2(CUdeviceptr p) {
  return call("cuMemFree_v2", kContext | kOutsideCapture, [&] {
    drain(currentContext());
    return freeDevice(p, "cuMemFree");
  });
}

CUresult cuMemAllocAsync(CUdeviceptr* p, size_t bytes, void* stream) {
  return call("cuMemAllocAsync", kContext | kOutsideCapture, [&]() -> CUresult {
    if (!streamOf(stream, currentContext())) return CUDA_ERROR_INVALID_HANDLE;
    return allocateDevice(p, bytes);
  });
}

CUresult cuMemFreeAsync(CUdeviceptr p, void* stream) {
  return call("cuMemFreeAsync", kContext | kOutsideCapture,
              [&] { return onStream(stream, CU_NODE_EMPTY, [p] { freeDevice(p, "cuMemFreeAsync"); }); });
}

CUresult cuMemHostAlloc(void** p, size_t bytes, unsigned) {
  return call("cuMemHostAlloc", kContext | kOutsideCapture, [&]() -> CUresult {
    if (!bytes) return CUDA_ERROR_INVALID_VALUE;
    *p = memory().allocate(currentContext(), MemoryKind::kPinned, bytes);
    return *p ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
  });
}

CUresult cuMemAllocHost_v2(void** p, size_t bytes) { return cuMemHostAlloc(p, bytes, 0); }

CUresult cuMemFreeHost(void* p) {
  return call("cuMemFreeHost", kContext | kOutsideCapture, [&] {
    drain(currentContext());
    return freePinned(p, MemoryKind::kPinned, "cuMemFreeHost");
  });
}

CUresult cuMemHostRegister_v2(void* p, size_t bytes, unsigned) {
  return call("cuMemHostRegister_v2", kContext, [&]() -> CUresult {
    if (!p || !bytes) return CUDA_ERROR_INVALID_VALUE;
    if (memory().around(p)) return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
    memory().registerHost(currentContext(), static_cast<char*>(p), bytes);
    return CUDA_SUCCESS;
  });
}

CUresult cuMemHostUnregister(void* p) {
  return call("cuMemHostUnregister", kContext, [&] {
    drain(currentContext());
    return freePinned(p, MemoryKind::kRegistered, "cuMemHostUnregister");
  });
}

CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* out, void* p, unsigned) {
  return call("cuMemHostGetDevicePointer_v2", kContext, [&]() -> CUresult {
    if (!memory().pinned(p, 1)) return CUDA_ERROR_INVALID_VALUE;
    *out = reinterpret_cast<CUdeviceptr>(p);
    return CUDA_SUCCESS;
  });
}

CUresult cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* bytes, CUdeviceptr p) {
  return call("cuMemGetAddressRange_v2", kContext, [&]() -> CUresult {
    Allocation* a = memory().around(pointer(p));
    if (!a || a->freed || a->kind != MemoryKind::kDevice) return CUDA_ERROR_NOT_FOUND;
    if (base) *base = reinterpret_cast<CUdeviceptr>(a->data);
    if (bytes) *bytes = a->bytes;
    return CUDA_SUCCESS;
  });
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
  return call("cuMemcpyHtoD_v2", kContext | kOutsideCapture, [&] {
    CUresult bad = checkOperand(to, bytes, "cuMemcpyHtoD", "destination");
    return bad ? bad : runAndWait([=] {
      memcpy(pointer(to), from, bytes);
      countCopy("HtoD", bytes);
    });
  });
}

CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
  return call("cuMemcpyDtoH_v2", kContext | kOutsideCapture, [&] {
    CUresult bad = checkOperand(from, bytes, "cuMemcpyDtoH", "source");
    return bad ? bad : runAndWait([=] {
      memcpy(to, pointer(from), bytes);
      countCopy("DtoH", bytes);
    });
  });
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return call("cuMemcpyDtoD_v2", kContext | kOutsideCapture, [&] {
    CUresult bad = checkOperand(from, bytes, "cuMemcpyDtoD", "source");
    if (!bad) bad = checkOperand(to, bytes, "cuMemcpyDtoD", "destination");
    return bad ? bad : submitNode(legacy(), CU_NODE_MEMCPY, [=] {
      memmove(pointer(to), pointer(from), bytes);
      countCopy("DtoD", bytes);
    });
  });
}

// A source that is not pinned may be gone when the device comes to read it (JCuda frees its copy of a
// Java array when the call returns), so it is not read: the destination receives garbage instead.
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, void* stream) {
  return call("cuMemcpyHtoDAsync_v2", kContext, [&]() -> CUresult {
    CUresult bad = checkOperand(to, bytes, "cuMemcpyHtoDAsync", "destination");
    if (bad) return bad;
    bool pinned = memory().pinned(from, bytes);
    if (!pinned) violation("cuMemcpyHtoDAsync: %zu bytes from memory that is not pinned", bytes);
    if (!pinned && !deferred()) {
      Stream* s = streamOf(stream, currentContext());
      if (s && !s->capture) return onStream(stream, CU_NODE_MEMCPY, [=] { memcpy(pointer(to), from, bytes); });
    }
    return onStream(stream, CU_NODE_MEMCPY, [=] {
      if (pinned) {
        memcpy(pointer(to), from, bytes);
      } else {
        ::memset(pointer(to), 0xCD, bytes);
      }
      countCopy("HtoD", bytes);
    });
  });
}

// As above: a destination that is not pinned receives garbage at once, and nothing later.
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, void* stream) {
  return call("cuMemcpyDtoHAsync_v2", kContext, [&]() -> CUresult {
    CUresult bad = checkOperand(from, bytes, "cuMemcpyDtoHAsync", "source");
    if (bad) return bad;
    if (memory().pinned(to, bytes)) {
      return onStream(stream, CU_NODE_MEMCPY, [=] {
        memcpy(to, pointer(from), bytes);
        countCopy("DtoH", bytes);
      });
    }
    violation("cuMemcpyDtoHAsync: %zu bytes to memory that is not pinned", bytes);
    if (deferred()) {
      ::memset(to, 0xCD, bytes);
      return CUDA_SUCCESS;
    }
    return onStream(stream, CU_NODE_MEMCPY, [=] { memcpy(to, pointer(from), bytes); });
  });
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, void* stream) {
  return call("cuMemcpyDtoDAsync_v2", kContext, [&]() -> CUresult {
    CUresult bad = checkOperand(from, bytes, "cuMemcpyDtoDAsync", "source");
    if (!bad) bad = checkOperand(to, bytes, "cuMemcpyDtoDAsync", "destination");
    return bad ? bad : onStream(stream, CU_NODE_MEMCPY, [=] {
      memmove(pointer(to), pointer(from), bytes);
      countCopy("DtoD", bytes);
    });
  });
}

CUresult cuMemcpyPeerAsync(CUdeviceptr to, Context*, CUdeviceptr from, Context*, size_t bytes, void* stream) {
  return call("cuMemcpyPeerAsync", kContext, [&] {
    return onStream(stream, CU_NODE_MEMCPY, [=] {
      memmove(pointer(to), pointer(from), bytes);
      countCopy("peer", bytes);
    });
  });
}

CUresult cuMemsetD8_v2(CUdeviceptr p, unsigned char value, size_t count) {
  return memset<uint8_t>("cuMemsetD8_v2", p, value, count, nullptr, kContext | kOutsideCapture);
}
CUresult cuMemsetD16_v2(CUdeviceptr p, unsigned short value, size_t count) {
  return memset<uint16_t>("cuMemsetD16_v2", p, value, count, nullptr, kContext | kOutsideCapture);
}
CUresult cuMemsetD32_v2(CUdeviceptr p, unsigned value, size_t count) {
  return memset<uint32_t>("cuMemsetD32_v2", p, value, count, nullptr, kContext | kOutsideCapture);
}
CUresult cuMemsetD8Async(CUdeviceptr p, unsigned char value, size_t count, void* stream) {
  return memset<uint8_t>("cuMemsetD8Async", p, value, count, stream, kContext);
}
CUresult cuMemsetD16Async(CUdeviceptr p, unsigned short value, size_t count, void* stream) {
  return memset<uint16_t>("cuMemsetD16Async", p, value, count, stream, kContext);
}
CUresult cuMemsetD32Async(CUdeviceptr p, unsigned value, size_t count, void* stream) {
  return memset<uint32_t>("cuMemsetD32Async", p, value, count, stream, kContext);
}

CUresult cuPointerGetAttribute(void* data, int attribute, CUdeviceptr p) {
  return call("cuPointerGetAttribute", kContext, [&]() -> CUresult {
    Allocation* a = memory().around(pointer(p));
    if (!a || a->freed) return CUDA_ERROR_INVALID_VALUE;
    constexpr int kContextOf = 1, kMemoryType = 2, kDevicePointer = 3, kHostPointer = 4, kOrdinal = 9;
    switch (attribute) {
      case kContextOf: *static_cast<Context**>(data) = a->context; return CUDA_SUCCESS;
      case kMemoryType:
        *static_cast<unsigned*>(data) = a->kind == MemoryKind::kDevice ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
        return CUDA_SUCCESS;
      case kDevicePointer:
      case kHostPointer: *static_cast<CUdeviceptr*>(data) = p; return CUDA_SUCCESS;
      case kOrdinal: *static_cast<int*>(data) = a->context->device->ordinal; return CUDA_SUCCESS;
      default: return CUDA_ERROR_NOT_SUPPORTED;
    }
  });
}
}
