package io.densepure.compute.cpu;

import io.densepure.compute.Device;
import io.densepure.compute.DeviceContractTest;
import io.densepure.compute.OpCase;
import io.densepure.compute.OpCases;
import java.util.List;

/**
 * {@link CpuDeviceContractTest} on an emulated processor, without the cases that would take it long
 * and with one thread.
 */
class EmulatedContract extends DeviceContractTest {
  private static final long MOST_FLOPS = 10_000_000;
  private static final List<OpCase> CASES =
      OpCases.all().stream().filter(c -> c.flops() <= MOST_FLOPS).toList();

  @Override
  public Device open() {
    return CpuDevice.open(1);
  }

  @Override
  public List<OpCase> cases() {
    return CASES;
  }
}
