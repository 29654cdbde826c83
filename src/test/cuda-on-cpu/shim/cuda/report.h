// What the harness has seen: violations, counts of calls, launches, copies, bytes and operations.
#pragma once
#include <cstdint>
#include <string>

#include "trace.h"

namespace shim {

void countCall(const char* function);
void countKernel(const char* kernel, uint64_t blocks, uint64_t threads, uint64_t flops, Traffic traffic);
void countCopy(const char* kind, uint64_t bytes);
void countGraphLaunch(uint64_t nodes);
void countPeakMemory(uint64_t bytes);
void leak(const std::string& what);

// Forgets the counts, not the violations: from here on another span is measured.
void resetCounters();
// Writes the counts as JSON to the file that CUDA_ON_CPU_COUNTERS names, if it names one.
void writeCounters();
// Says what was wrong; called once at exit. True if anything was.
bool summarize();

}  // namespace shim
