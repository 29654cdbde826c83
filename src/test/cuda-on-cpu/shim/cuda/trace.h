// Watches every load and store of kernels that were compiled with `-fsanitize=thread` (see
// CUDA_ON_CPU_TRACE): which bytes of device memory a launch touches, and data races. The compiler only
// inserts the calls; what they do is ours, see trace.cpp.
#pragma once
#include <cstddef>
#include <cstdint>

#include "../../emu/kernel.h"

namespace shim {

struct Launch;

// Whether the kernels being run were compiled to be watched.
bool tracing();

// A launch begins, on one OS thread; its blocks run one after the other.
void traceLaunch(const Launch& launch);
void traceBlock(size_t number, const char* sharedStart, size_t sharedBytes);

struct Traffic {
  uint64_t read, written;  // bytes of device memory, each 32-byte sector once per launch
};
Traffic endTrace();

}  // namespace shim
