package io.densepure.model;

import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * One token per patch: a convolution whose stride is its kernel.
 *
 * @param weight {@code [width, C, patch, patch]}
 * @param bias {@code [width]}
 */
record PatchEmbedding(HostTensor weight, HostTensor bias, PatchGrid grid) {
  static PatchEmbedding load(WeightPath at, PatchGrid grid, int width) {
    return new PatchEmbedding(
        at.tensor("weight", width, grid.channels(), grid.patch(), grid.patch()),
        at.tensor("bias", width),
        grid);
  }

  /** {@code [N, H, W, C]} to {@code [N, T, width]}. */
  Tensor forward(Ops ops, Tensor x) {
    grid.check(x.shape());
    Tensor h = ops.conv2d(x, weight, bias, grid.patch(), 0, Epilogue.NONE);
    return ops.reshape(h, Shape.of(x.shape().dim(0), grid.patches(), h.shape().dim(-1)));
  }
}
