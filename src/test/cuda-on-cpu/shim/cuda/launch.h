// Kernels: where they are found, and how a grid of blocks runs.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../../emu/kernel.h"
#include "abi.h"

namespace shim {

struct Context;

struct KernelLibrary {
  std::string file;
  const emu::Kernel* kernels;
  void* (*sharedAnchor)();
  size_t sharedBytes;  // static shared variables of all its kernels
};

struct KernelRef {
  const emu::Kernel* kernel = nullptr;
  const KernelLibrary* library = nullptr;
};

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
};

// The kernel of that name in one of the libraries beside libcuda.so.1, or nothing.
KernelRef findKernel(const std::string& name);

// CUDA_SUCCESS, or why the launch must be refused.
CUresult checkLaunch(const Launch& launch);
// Copies the arguments from where cuLaunchKernel's caller has them.
void takeArguments(Launch& launch, void** parameters);
// Runs the grid; a fault ends the context.
void runLaunch(const Launch& launch);

}  // namespace shim
