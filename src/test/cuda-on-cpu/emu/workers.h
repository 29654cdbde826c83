// The machine's cores, for grids of blocks and for the libraries' loops.
#pragma once
#include <cstddef>
#include <functional>

namespace emu {

// Number of OS threads that share the work: CUDA_ON_CPU_THREADS, or the machine's.
unsigned workerCount();

// Calls task(i) once for every i below count, on the calling thread and the helpers, in rising
// order of start. Returns when all are done.
void parallel(size_t count, const std::function<void(size_t)>& task);

}  // namespace emu
