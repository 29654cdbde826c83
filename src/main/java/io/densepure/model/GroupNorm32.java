package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * The UNets' group normalisation ({@code nn.py, GroupNorm32}): always 32 groups, ε = 1e-5.
 *
 * @param weight {@code [C]}
 * @param bias {@code [C]}
 */
record GroupNorm32(HostTensor weight, HostTensor bias) {
  static final int GROUPS = 32;
  private static final float EPS = 1e-5f;

  static GroupNorm32 load(WeightPath at, int channels) {
    return new GroupNorm32(at.tensor("weight", channels), at.tensor("bias", channels));
  }

  /** {@code [N, ..., C]} to the same shape. */
  Tensor apply(Ops ops, Tensor x, Activation activation) {
    return apply(ops, x, null, activation);
  }

  /** norm(x)·(1 + scale) + shift, then the activation; scaleShift {@code [N | 1, 2C]}. */
  Tensor apply(Ops ops, Tensor x, Tensor scaleShift, Activation activation) {
    return ops.groupNorm(x, weight, bias, GROUPS, EPS, scaleShift, activation);
  }
}
