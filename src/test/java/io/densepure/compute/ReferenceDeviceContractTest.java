package io.densepure.compute;

/** The control keeps the contract itself. */
class ReferenceDeviceContractTest extends DeviceContractTest {
  @Override
  public Device open() {
    return new ReferenceDevice();
  }
}
