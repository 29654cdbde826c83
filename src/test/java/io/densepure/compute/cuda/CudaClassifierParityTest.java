package io.densepure.compute.cuda;

import io.densepure.compute.Device;
import io.densepure.parity.ClassifierParity;

/** On the CUDA-on-CPU harness or, with {@code -Ddensepure.cuda=real}, on a GPU. */
class CudaClassifierParityTest implements ClassifierParity {
  @Override
  public Device open() {
    return CudaDevice.open(0);
  }
}
