// The state of the shim: devices, contexts, streams, and the rules that every call goes through.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "../common/library.h"
#include "abi.h"
#include "stream.h"

namespace shim {

struct Device {
  int ordinal;
  size_t memoryTotal, memoryUsed = 0;
  std::unique_ptr<Context> primary;
  int primaryUsers = 0;
};

struct Context {
  Device* device;
  CUresult lost = CUDA_SUCCESS;  // once set, what every later call returns
  std::set<Context*> peers;      // whose memory it may read
  std::unique_ptr<Stream> legacy;
  std::set<Stream*> streams;

  explicit Context(Device* device);
  ~Context();
};

struct Driver {
  std::recursive_mutex mutex;
  bool initialized = false;
  std::vector<std::unique_ptr<Device>> devices;
  std::set<Context*> contexts;
};

Driver& driver();
// The current context of the calling thread, or null.
Context* currentContext();
std::vector<Context*>& contextStack();

const char* errorName(CUresult code);
int errorByName(const std::string& name);
bool endsContext(CUresult code);
CUresult injectedResult(const char* function);

enum Demand {
  kNothing = 0,
  kInitialized = 1,
  kContext = 3,
  kOutsideCapture = 4,  // refused while the calling thread captures
};

// The rules that hold for every call, in one place: counting, injected failures, initialization, the
// current context, lost devices, capture. Returns what the call must return at once, or 0.
CUresult admit(const char* function, int demand);

// Runs one API function under the rules and the lock.
template <class Body>
CUresult call(const char* function, int demand, Body body) {
  std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  CUresult refused = admit(function, demand);
  if (refused) return refused;
  return body();
}

// CUDA_ERROR_ILLEGAL_ADDRESS, and a reported violation, unless the context can reach [p, p + bytes).
CUresult checkReachable(Context* context, const void* p, size_t bytes, const char* function, const char* what);

// From now on the exit report is made and stray accesses of kernels are caught; see lifetime.cpp.
void watchProcess();
// Everything that still belongs to the context is reported as a leak and freed.
void emptyContext(Context* context);
// As handleCreated, for what belongs to the current context: nobody need destroy it once that is lost.
void contextHandleCreated(const void* handle, const char* kind);

}  // namespace shim
