package io.densepure.model;

import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * Nearest neighbour ×2, then a 3×3 convolution if {@code conv_resample} ({@code unet.py,
 * Upsample}).
 *
 * @param conv {@code conv}, or null
 */
record Upsample(Conv2d conv) implements UNetLayer {
  static Upsample load(WeightPath at, int channels, boolean convResample) {
    return new Upsample(convResample ? Conv2d.load(at.at("conv"), channels, channels, 3) : null);
  }

  @Override
  public Tensor forward(Ops ops, Tensor x, Tensor emb) {
    return Resample.UP.apply(ops, x, conv); // [N, 2H, 2W, C]
  }
}
