package io.densepure.parity;

import io.densepure.compute.Device;
import io.densepure.compute.cpu.CpuDevice;

class CpuClassifierParityTest implements ClassifierParity {
  @Override
  public Device open() {
    return CpuDevice.open(1);
  }
}
