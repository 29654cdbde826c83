// The kernels that g++ compiled: one library per .cu file, in the folder `kernels` beside libcuda.so.1
// or the one that CUDA_ON_CPU_KERNELS names.
#pragma once
#include <string>

#include "../../emu/kernel.h"

namespace shim {

struct KernelLibrary {
  std::string file;
  const emu::Kernel* kernels;
  void* (*sharedAnchor)();
  size_t sharedBytes;  // __shared__ variables of all its kernels, the anchor included
};

struct KernelRef {
  const emu::Kernel* kernel = nullptr;
  const KernelLibrary* library = nullptr;
};

// The kernel of that name, or nothing.
KernelRef findKernel(const std::string& name);

// Where a library's __shared__ variables begin on the calling OS thread.
char* sharedStart(const KernelLibrary* library);

}  // namespace shim
