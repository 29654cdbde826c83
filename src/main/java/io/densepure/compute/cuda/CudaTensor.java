package io.densepure.compute.cuda;

import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import jcuda.driver.CUdeviceptr;

/** A typed, shaped view of a {@link Storage}. */
record CudaTensor(DType dtype, Shape shape, Storage storage) implements Tensor {
  /**
   * @throws IllegalArgumentException if {@code tensor} belongs to another kind of device
   */
  static CudaTensor of(Tensor tensor) {
    if (tensor instanceof CudaTensor t) {
      return t;
    }
    throw new IllegalArgumentException("a tensor of another device cannot be used on a GPU");
  }

  long elements() {
    return shape.elements();
  }

  long bytes() {
    return elements() * dtype.bytes();
  }

  CUdeviceptr pointer() {
    return storage.pointer();
  }

  CudaTensor as(Shape other) {
    return new CudaTensor(dtype, other, storage);
  }
}
