package io.densepure.compute.cuda;

import io.densepure.compute.DType;
import jcuda.cudaDataType;
import jcuda.jcudnn.cudnnDataType;

/** Element types as cuDNN and cuBLAS number them. */
final class LibraryTypes {
  private LibraryTypes() {}

  static int cudnn(DType dtype) {
    return switch (dtype) {
      case F32 -> cudnnDataType.CUDNN_DATA_FLOAT;
      case F16 -> cudnnDataType.CUDNN_DATA_HALF;
      case BF16 -> cudnnDataType.CUDNN_DATA_BFLOAT16;
      default -> throw new IllegalArgumentException("cuDNN does not compute in " + dtype);
    };
  }

  static int cublas(DType dtype) {
    return switch (dtype) {
      case F32 -> cudaDataType.CUDA_R_32F;
      case F16 -> cudaDataType.CUDA_R_16F;
      case BF16 -> cudaDataType.CUDA_R_16BF;
      default -> throw new IllegalArgumentException("cuBLAS does not compute in " + dtype);
    };
  }
}
