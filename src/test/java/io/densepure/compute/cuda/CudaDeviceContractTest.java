package io.densepure.compute.cuda;

import io.densepure.compute.Device;
import io.densepure.compute.DeviceContractTest;

/** Every operation, on the CUDA-on-CPU harness or, with {@code -Ddensepure.cuda=real}, on a GPU. */
class CudaDeviceContractTest extends DeviceContractTest {
  @Override
  public Device open() {
    return CudaDevice.open(0);
  }

  /** cuBLAS and cuDNN take a 16-bit bias, or write a 16-bit product for us to add it to. */
  @Override
  public boolean addsInFloat32() {
    return false;
  }
}
