#include "driver.h"

#include "graph.h"
#include "memory.h"

namespace shim {

Driver& driver() {
  static Driver* d = new Driver;
  return *d;
}

std::vector<Context*>& contextStack() {
  static thread_local std::vector<Context*> stack;
  return stack;
}

Context* currentContext() { return contextStack().empty() ? nullptr : contextStack().back(); }

Context::Context(Device* device) : device(device) {
  legacy.reset(new Stream{this, true, 0, {}, nullptr, nullptr, {}});
  driver().contexts.insert(this);
}

Context::~Context() {
  driver().contexts.erase(this);
  for (Context* other : driver().contexts) other->peers.erase(this);
}

CUresult admit(const char* function, int demand) {
  CUresult injected = injectedResult(function);
  Context* context = currentContext();
  bool known = context && driver().contexts.count(context);
  if (injected) {
    if (known && endsContext(injected)) context->lost = injected;
    return injected;
  }
  if ((demand & kInitialized) && !driver().initialized) return CUDA_ERROR_NOT_INITIALIZED;
  if ((demand & kContext) == kContext) {
    if (!context) return CUDA_ERROR_INVALID_CONTEXT;
    if (!known) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
    if (context->lost) return context->lost;
  }
  return demand & kOutsideCapture ? admitDuringCapture() : CUDA_SUCCESS;
}

// ---- what the libraries' shims use

int contextStatus() {
  std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  Context* context = currentContext();
  if (!context || !driver().contexts.count(context)) return CUDA_ERROR_INVALID_CONTEXT;
  return context->lost;
}

int submit(void* handle, Work work) {
  std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  int status = contextStatus();
  if (status) return status;
  Stream* stream = streamOf(handle, currentContext());
  if (!stream) return CUDA_ERROR_INVALID_HANDLE;
  return submitNode(stream, CU_NODE_KERNEL, std::move(work));
}

int checkMemory(const void* p, size_t bytes, const char* function, const char* what) {
  std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  Context* context = currentContext();
  return context ? checkReachable(context, p, bytes, function, what) : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult checkReachable(Context* context, const void* p, size_t bytes, const char* function, const char* what) {
  Allocation* a = memory().around(p);
  const char* address = static_cast<const char*>(p);
  if (!a || a->freed || address < a->data || address + bytes > a->data + a->bytes) {
    violation("%s: %s: %zu bytes at %s", function, what, bytes, memory().describe(p).c_str());
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  }
  if (a->kind == MemoryKind::kDevice && a->context->device != context->device && !context->peers.count(a->context)) {
    violation("%s: %s lies on device %d, but device %d runs it and has no peer access", function, what,
              a->context->device->ordinal, context->device->ordinal);
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  }
  return CUDA_SUCCESS;
}

}  // namespace shim
