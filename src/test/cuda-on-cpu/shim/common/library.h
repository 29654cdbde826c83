// What libcuda's shim offers to those of cuBLAS, cuDNN and NVRTC.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace shim {

using Work = std::function<void()>;

// Counts a call of a library function and says whether CUDA_ON_CPU_FAIL wants it to fail. The
// status that it asks for is looked up in `statuses`, pairs of a name and a number ended by null.
struct StatusName {
  const char* name;
  int value;
};
bool injectedFailure(const char* function, const StatusName* statuses, int* status);

// Puts work on a stream of the current context: it runs now, later, or becomes a node of the graph
// that is being captured. Returns a CUresult.
int submit(void* stream, Work work);

// The current context's CUresult: 0, or why nothing can run (no context, or a device that failed).
int contextStatus();

// A CUresult other than 0, and a reported violation, unless [p, p + bytes) lies in live memory that
// the current device can reach. `what` names the operand.
int checkMemory(const void* p, size_t bytes, const char* function, const char* what);

// Work done by a library: one call, its floating-point operations, the bytes it read and wrote.
void countLibrary(const char* function, uint64_t flops, uint64_t bytes);

// A mistake that a real device would hide. Reported on stderr and at exit.
void violation(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Handles of a library that the program must destroy: reported as leaks at exit if it did not.
void handleCreated(const void* handle, const char* kind);
bool handleDestroyed(const void* handle, const char* kind);
bool handleAlive(const void* handle, const char* kind);

}  // namespace shim
