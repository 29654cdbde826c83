package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.DeviceMemoryException;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.cublasStatus;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnStatus;

/** Turns the status of every native call into one clear line. */
final class Check {
  private Check() {}

  /**
   * @param doing what was being done, to follow "CUDA failed while", as {@code "uploading a
   *     weight"}
   */
  static void driver(int status, String doing) {
    if (status != CUresult.CUDA_SUCCESS) {
      String message = "CUDA failed while " + doing + ": " + driverText(status) + advice(status);
      throw failure(message, status == CUresult.CUDA_ERROR_OUT_OF_MEMORY);
    }
  }

  static void blas(int status, String doing) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw failure(
          "cuBLAS failed while " + doing + ": " + cublasStatus.stringFor(status),
          status == cublasStatus.CUBLAS_STATUS_ALLOC_FAILED);
    }
  }

  static void dnn(int status, String doing) {
    if (status != cudnnStatus.CUDNN_STATUS_SUCCESS) {
      String text = JCudnn.cudnnGetErrorString(status);
      // 4003 and 4004 are ..._HOST_ALLOCATION_FAILED and ..._DEVICE_ALLOCATION_FAILED.
      throw failure("cuDNN failed while " + doing + ": " + text, text.contains("ALLOC"));
    }
  }

  private static DeviceException failure(String message, boolean memory) {
    return memory ? new DeviceMemoryException(message) : new DeviceException(message);
  }

  /** Whether cuDNN said that it has no way of doing what was asked; 3000 to 3999 since cuDNN 9. */
  static boolean dnnUnsupported(int status) {
    return status / 1000 == 3;
  }

  private static String driverText(int status) {
    String[] name = new String[1];
    String[] text = new String[1];
    if (JCudaDriver.cuGetErrorName(status, name) != CUresult.CUDA_SUCCESS
        || JCudaDriver.cuGetErrorString(status, text) != CUresult.CUDA_SUCCESS) {
      return "error " + status;
    }
    return text[0] + " (" + name[0] + ")";
  }

  private static String advice(int status) {
    return switch (status) {
      case CUresult.CUDA_ERROR_OUT_OF_MEMORY ->
          "; use a smaller batch, a 16-bit dtype or a GPU with more free memory";
      case CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION, CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU ->
          "; the driver or the GPU is too old: driver 525 and compute capability 7.5 are needed";
      case CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUresult.CUDA_ERROR_UNKNOWN ->
          "; the GPU is lost to this process: see nvidia-smi, then start again";
      default -> "";
    };
  }
}
