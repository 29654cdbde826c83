#include "handle.h"

using namespace shim;

namespace shim {

const StatusName kBlasStatuses[] = {
    {"CUBLAS_STATUS_SUCCESS", CUBLAS_SUCCESS},
    {"CUBLAS_STATUS_NOT_INITIALIZED", CUBLAS_NOT_INITIALIZED},
    {"CUBLAS_STATUS_ALLOC_FAILED", CUBLAS_ALLOC_FAILED},
    {"CUBLAS_STATUS_INVALID_VALUE", CUBLAS_INVALID_VALUE},
    {"CUBLAS_STATUS_ARCH_MISMATCH", CUBLAS_ARCH_MISMATCH},
    {"CUBLAS_STATUS_MAPPING_ERROR", CUBLAS_MAPPING_ERROR},
    {"CUBLAS_STATUS_EXECUTION_FAILED", CUBLAS_EXECUTION_FAILED},
    {"CUBLAS_STATUS_INTERNAL_ERROR", CUBLAS_INTERNAL_ERROR},
    {"CUBLAS_STATUS_NOT_SUPPORTED", CUBLAS_NOT_SUPPORTED},
    {nullptr, 0},
};

}  // namespace shim

extern "C" {

int cublasCreate_v2(BlasHandle** handle) {
  int status;
  if (injectedFailure("cublasCreate_v2", kBlasStatuses, &status)) return status;
  if (contextStatus()) return CUBLAS_NOT_INITIALIZED;
  *handle = new BlasHandle;
  handleCreated(*handle, "cuBLAS handle");
  return CUBLAS_SUCCESS;
}

// Can be called after the device has failed: a program must be able to clean up.
int cublasDestroy_v2(BlasHandle* handle) {
  int status;
  if (injectedFailure("cublasDestroy_v2", kBlasStatuses, &status)) return status;
  if (!handleDestroyed(handle, "cuBLAS handle")) return CUBLAS_NOT_INITIALIZED;
  delete handle;
  return CUBLAS_SUCCESS;
}

int cublasSetStream_v2(BlasHandle* handle, void* stream) {
  return blasCall("cublasSetStream_v2", handle, [&] {
    handle->stream = stream;
    return CUBLAS_SUCCESS;
  });
}

int cublasGetStream_v2(BlasHandle* handle, void** stream) {
  return blasCall("cublasGetStream_v2", handle, [&] {
    *stream = handle->stream;
    return CUBLAS_SUCCESS;
  });
}

int cublasSetWorkspace_v2(BlasHandle* handle, void* workspace, size_t bytes) {
  return blasCall("cublasSetWorkspace_v2", handle, [&]() -> int {
    if (reinterpret_cast<uintptr_t>(workspace) % 256) return CUBLAS_INVALID_VALUE;
    bool bad = bytes && checkMemory(workspace, bytes, "cublasSetWorkspace", "workspace");
    return bad ? CUBLAS_INVALID_VALUE : CUBLAS_SUCCESS;
  });
}

int cublasSetMathMode(BlasHandle* handle, int mode) {
  return blasCall("cublasSetMathMode", handle, [&]() -> int {
    constexpr int kDisallowReducedPrecision = 16;
    if ((mode & ~kDisallowReducedPrecision) > CUBLAS_MATH_TF32) return CUBLAS_INVALID_VALUE;
    handle->mathMode = mode;
    return CUBLAS_SUCCESS;
  });
}

int cublasGetMathMode(BlasHandle* handle, int* mode) {
  return blasCall("cublasGetMathMode", handle, [&] {
    *mode = handle->mathMode;
    return CUBLAS_SUCCESS;
  });
}

int cublasSetPointerMode_v2(BlasHandle* handle, int mode) {
  return blasCall("cublasSetPointerMode_v2", handle, [&] {
    handle->pointerMode = mode;
    return CUBLAS_SUCCESS;
  });
}

int cublasGetPointerMode_v2(BlasHandle* handle, int* mode) {
  return blasCall("cublasGetPointerMode_v2", handle, [&] {
    *mode = handle->pointerMode;
    return CUBLAS_SUCCESS;
  });
}

int cublasSetAtomicsMode(BlasHandle* handle, int mode) {
  return blasCall("cublasSetAtomicsMode", handle, [&] {
    handle->atomicsMode = mode;
    return CUBLAS_SUCCESS;
  });
}

int cublasGetVersion_v2(BlasHandle*, int* version) {
  *version = 120605;
  return CUBLAS_SUCCESS;
}

// libraryPropertyType: 0 major, 1 minor, 2 patch.
int cublasGetProperty(int type, int* value) {
  constexpr int kVersion[] = {12, 6, 5};
  if (type < 0 || type > 2) return CUBLAS_INVALID_VALUE;
  *value = kVersion[type];
  return CUBLAS_SUCCESS;
}

const char* cublasGetStatusName(int status) {
  for (const StatusName* s = kBlasStatuses; s->name; ++s) {
    if (s->value == status) return s->name;
  }
  return "CUBLAS_STATUS_UNKNOWN";
}

const char* cublasGetStatusString(int status) { return cublasGetStatusName(status); }
}
