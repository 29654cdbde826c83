package io.densepure.model;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * {@code nn.LayerNorm} over the channels.
 *
 * @param weight {@code [C]}
 * @param bias {@code [C]}
 */
record LayerNorm(HostTensor weight, HostTensor bias, float eps) {
  static LayerNorm load(WeightPath at, int channels, float eps) {
    return new LayerNorm(at.tensor("weight", channels), at.tensor("bias", channels), eps);
  }

  /** {@code [..., C]} to the same shape. */
  Tensor apply(Ops ops, Tensor x) {
    return ops.layerNorm(x, weight, bias, eps);
  }
}
