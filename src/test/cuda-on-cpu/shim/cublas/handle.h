// cuBLAS handles and the numbers of its interface (CUDA 12).
#pragma once
#include <cstddef>

#include "../common/library.h"

enum : int {
  CUBLAS_SUCCESS = 0,
  CUBLAS_NOT_INITIALIZED = 1,
  CUBLAS_ALLOC_FAILED = 3,
  CUBLAS_INVALID_VALUE = 7,
  CUBLAS_ARCH_MISMATCH = 8,
  CUBLAS_MAPPING_ERROR = 11,
  CUBLAS_EXECUTION_FAILED = 13,
  CUBLAS_INTERNAL_ERROR = 14,
  CUBLAS_NOT_SUPPORTED = 15,
};
enum : int { CUBLAS_MATH_DEFAULT = 0, CUBLAS_MATH_TF32 = 3 };
enum : int { CUBLAS_POINTERS_HOST = 0, CUBLAS_POINTERS_DEVICE = 1 };
enum : int {
  CUBLAS_COMPUTE_32F = 68,
  CUBLAS_COMPUTE_32F_PEDANTIC = 69,
  CUBLAS_COMPUTE_32F_FAST_16F = 74,
  CUBLAS_COMPUTE_32F_FAST_16BF = 75,
  CUBLAS_COMPUTE_32F_FAST_TF32 = 77,
};
enum : int { CUDA_R_32F = 0, CUDA_R_16F = 2, CUDA_R_16BF = 14 };

struct BlasHandle {
  void* stream = nullptr;
  int mathMode = CUBLAS_MATH_DEFAULT;
  int pointerMode = CUBLAS_POINTERS_HOST;
  int atomicsMode = 0;
};

namespace shim {

extern const StatusName kBlasStatuses[];

// The rules for every call: counted, perhaps told to fail, a live handle, a live context.
template <class Body>
int blasCall(const char* function, BlasHandle* handle, Body body) {
  int status;
  if (injectedFailure(function, kBlasStatuses, &status)) return status;
  if (!handle || !handleAlive(handle, "cuBLAS handle")) return CUBLAS_NOT_INITIALIZED;
  if (contextStatus()) return CUBLAS_EXECUTION_FAILED;
  return body();
}

}  // namespace shim
