package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Tensor;

/** Doubling by repetition and halving by averaging. */
final class ResampleRunner implements CaseRunner {
  @Override
  public boolean handles(GoldenCase c) {
    return c.tensors().contains("nearest2x");
  }

  @Override
  public void run(
      GoldenCase c, GoldenArrays arrays, Device device, DType dtype, Comparison comparison) {
    try (NetworkRun run = new NetworkRun(device, comparison)) {
      Tensor x = run.input(arrays.get("x"));
      run.expect(
          "nearest2x", "nearest2x", arrays.get("nearest2x"), Precision.float32(c.tolerance()));
      run.expect("avgpool2", "avgpool2", arrays.get("avgpool2"), Precision.float32(c.tolerance()));
      run.run(
          ops -> {
            ops.probe("nearest2x", () -> ops.upsampleNearest2x(x));
            ops.probe("avgpool2", () -> ops.avgPool2d(x, 2, 2));
          });
    }
  }
}
