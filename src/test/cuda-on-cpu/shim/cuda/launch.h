// Launches: what is refused, and how a grid of blocks runs.
#pragma once
#include <vector>

#include "abi.h"
#include "kernel_libraries.h"

namespace shim {

struct Context;

struct Function {
  KernelRef ref;
  void* module;
  int maxDynamicShared;
};

struct Launch {
  Function function;
  Context* context;
  dim3 grid, block;
  unsigned sharedBytes;
  std::vector<std::vector<char>> arguments;

  size_t blocks() const { return static_cast<size_t>(grid.x) * grid.y * grid.z; }
  size_t threadsPerBlock() const { return static_cast<size_t>(block.x) * block.y * block.z; }
};

// CUDA_SUCCESS, or why the launch must be refused.
CUresult checkLaunch(const Launch& launch);
// Copies the arguments from where cuLaunchKernel's caller has them.
void takeArguments(Launch& launch, void** parameters);
// Runs the grid; a fault ends the context.
void runLaunch(const Launch& launch);

}  // namespace shim
