package io.densepure.parity;

import io.densepure.compute.Tensor;

/** Doubling by repetition and halving by averaging. */
final class ResampleRunner implements CaseRunner {
  @Override
  public boolean handles(GoldenCase c) {
    return c.tensors().contains("nearest2x");
  }

  @Override
  public void run(Trial trial) {
    GoldenCase c = trial.golden();
    try (NetworkRun run = new NetworkRun(trial)) {
      Tensor x = run.input(trial.arrays().get("x"));
      run.expect(
          "nearest2x",
          "nearest2x",
          trial.arrays().get("nearest2x"),
          Precision.float32(c.tolerance()));
      run.expect(
          "avgpool2", "avgpool2", trial.arrays().get("avgpool2"), Precision.float32(c.tolerance()));
      run.run(
          ops -> {
            ops.probe("nearest2x", () -> ops.upsampleNearest2x(x));
            ops.probe("avgpool2", () -> ops.avgPool2d(x, 2, 2));
          });
    }
  }
}
