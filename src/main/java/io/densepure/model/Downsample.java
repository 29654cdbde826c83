package io.densepure.model;

import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * A 3×3 convolution of stride 2 if {@code conv_resample}, else the mean of 2×2 ({@code unet.py,
 * Downsample}).
 *
 * @param op {@code op}, or null
 */
record Downsample(Conv2d op) implements UNetLayer {
  static Downsample load(WeightPath at, int channels, boolean convResample) {
    return new Downsample(convResample ? Conv2d.load(at.at("op"), channels, channels, 3, 2) : null);
  }

  @Override
  public Tensor forward(Ops ops, Tensor x, Tensor emb) { // [N, H, W, C] -> [N, H/2, W/2, C]
    return op == null ? Resample.DOWN.apply(ops, x) : op.apply(ops, x, Epilogue.NONE);
  }
}
