package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.compute.Tensor;
import io.densepure.model.UNet;
import io.densepure.model.UNetConfig;
import io.densepure.model.UNetSettings;
import io.densepure.model.UNetSettings.Family;

/**
 * A forward pass of improved-diffusion's or guided-diffusion's UNet: the output, the timestep
 * embedding, and every activation recorded under {@code act/}.
 */
final class UNetRunner implements CaseRunner {
  @Override
  public boolean handles(GoldenCase c) {
    return c.config().has("num_res_blocks")
        && (c.config().has("model_channels") || c.config().has("num_channels"));
  }

  @Override
  public void run(Trial trial) {
    GoldenCase c = trial.golden();
    GoldenArrays arrays = trial.arrays();
    UNetConfig config = config(c, c.config(), family(c));
    UNet unet = UNet.load(CaseWeights.of(trial), config);
    try (NetworkRun run = new NetworkRun(trial)) {
      Tensor x = run.input(RecipeInput.orRecorded(trial, "x"));
      Tensor t = run.input(arrays.get("t")); // [N]
      Tensor y = arrays.has("y") ? run.labels(arrays.get("y")) : null;
      if (arrays.has("temb")) {
        run.expect("parity.temb", "temb", arrays.get("temb"), Precision.float32(c.tolerance()));
      }
      run.expect("parity.out", "out", arrays.get("out"), trial.precision());
      run.expectActivations("");
      run.run(
          ops -> {
            ops.probe("parity.temb", () -> ops.timestepEmbedding(t, config.modelChannels()));
            Tensor out = unet.forward(ops, x, t, y, trial.dtype());
            ops.probe("parity.out", () -> out);
          });
    }
  }

  private static Family family(GoldenCase c) {
    boolean guided = c.source().contains("guided") || c.group().contains("guided");
    return guided ? Family.GUIDED : Family.IMPROVED;
  }

  /** From either form: {@code UNetModel}'s arguments, or the flags of {@code create_model}. */
  static UNetConfig config(GoldenCase c, JsonNode config, Family family) {
    return config.has("model_channels")
        ? UNetSettings.fromConstructor(c.settings(config), family)
        : UNetSettings.fromFlags(c.settings(config), family);
  }
}
