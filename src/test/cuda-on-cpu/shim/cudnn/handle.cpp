// Handle, versions, status names.
#include "../common/environment.h"
#include "descriptors.h"

using namespace shim;

namespace shim {

#define S(name, value) {"CUDNN_STATUS_" #name, value}
const StatusName kDnnStatuses[] = {
    S(SUCCESS, 0),
    S(NOT_INITIALIZED, 1001),
    S(SUBLIBRARY_VERSION_MISMATCH, 1002),
    S(SERIALIZATION_VERSION_MISMATCH, 1003),
    S(DEPRECATED, 1004),
    S(LICENSE_ERROR, 1005),
    S(RUNTIME_IN_PROGRESS, 1006),
    S(RUNTIME_FP_OVERFLOW, 1007),
    S(SUBLIBRARY_LOADING_FAILED, 1008),
    S(BAD_PARAM, 2000),
    S(BAD_PARAM_NULL_POINTER, 2002),
    S(BAD_PARAM_MISALIGNED_POINTER, 2003),
    S(BAD_PARAM_NOT_FINALIZED, 2004),
    S(BAD_PARAM_OUT_OF_BOUND, 2005),
    S(BAD_PARAM_SIZE_INSUFFICIENT, 2006),
    S(BAD_PARAM_STREAM_MISMATCH, 2007),
    S(BAD_PARAM_SHAPE_MISMATCH, 2008),
    S(BAD_PARAM_DUPLICATED_ENTRIES, 2009),
    S(BAD_PARAM_ATTRIBUTE_TYPE, 2010),
    S(NOT_SUPPORTED, 3000),
    S(NOT_SUPPORTED_SHAPE, 3002),
    S(NOT_SUPPORTED_DATA_TYPE, 3003),
    S(NOT_SUPPORTED_LAYOUT, 3004),
    S(NOT_SUPPORTED_ARCH_MISMATCH, 3007),
    S(INTERNAL_ERROR, 4000),
    S(INTERNAL_ERROR_HOST_ALLOCATION_FAILED, 4003),
    S(INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED, 4004),
    S(EXECUTION_FAILED, 5000),
    S(EXECUTION_FAILED_CUDA_DRIVER, 5001),
    S(EXECUTION_FAILED_CUBLAS, 5002),
    S(EXECUTION_FAILED_CUDART, 5003),
    {nullptr, 0},
};
#undef S

}  // namespace shim

extern "C" {

size_t cudnnGetVersion() { return static_cast<size_t>(settingNumber("CUDNN_VERSION", 90501)); }
size_t cudnnGetCudartVersion() { return 12060; }
int cudnnGetProperty(int type, int* value) {
  int version = static_cast<int>(cudnnGetVersion());
  if (type < 0 || type > 2) return DNN_BAD_PARAM;
  *value = type == 0 ? version / 10000 : type == 1 ? version / 100 % 100 : version % 100;
  return DNN_SUCCESS;
}

const char* cudnnGetErrorString(int status) {
  for (const StatusName* s = kDnnStatuses; s->name; ++s) {
    if (s->value == status) return s->name;
  }
  return "CUDNN_STATUS_UNKNOWN";
}

int cudnnCreate(DnnHandle** handle) {
  return descriptorCall("cudnnCreate", [&]() -> int {
    if (contextStatus()) return DNN_NOT_INITIALIZED;
    *handle = new DnnHandle;
    handleCreated(*handle, "cuDNN handle");
    return DNN_SUCCESS;
  });
}

// Can be called after the device has failed: a program must be able to clean up.
int cudnnDestroy(DnnHandle* handle) {
  return descriptorCall("cudnnDestroy", [&]() -> int {
    if (!handleDestroyed(handle, "cuDNN handle")) return DNN_NOT_INITIALIZED;
    delete handle;
    return DNN_SUCCESS;
  });
}

int cudnnSetStream(DnnHandle* handle, void* stream) {
  return dnnCall("cudnnSetStream", handle, [&] {
    handle->stream = stream;
    return DNN_SUCCESS;
  });
}

int cudnnGetStream(DnnHandle* handle, void** stream) {
  return dnnCall("cudnnGetStream", handle, [&] {
    *stream = handle->stream;
    return DNN_SUCCESS;
  });
}
}
