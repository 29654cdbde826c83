package io.densepure.compute;

/**
 * What every device must do, as one test class: a backend extends it and says how to open its
 * device. Results of each operation ({@link OpContract}), programs and memory ({@link
 * ProgramContract}), and refusals ({@link ErrorContract}).
 */
public abstract class DeviceContractTest implements OpContract, ProgramContract, ErrorContract {
  /** A fresh device, closed by the test that opened it. */
  @Override
  public abstract Device open();
}
