package io.densepure.compute.cpu;

import io.densepure.compute.Device;
import io.densepure.compute.DeviceContractTest;

class CpuDeviceContractTest extends DeviceContractTest {
  @Override
  public Device open() {
    return CpuDevice.open(2);
  }
}
