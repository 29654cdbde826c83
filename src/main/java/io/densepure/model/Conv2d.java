package io.densepure.model;

import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * {@code nn.Conv2d} with a bias and padding kernel/2, square in everything.
 *
 * @param weight {@code [out, in, kernel, kernel]}
 * @param bias {@code [out]}
 */
record Conv2d(HostTensor weight, HostTensor bias, int stride) {
  static Conv2d load(WeightPath at, int in, int out, int kernel) {
    return load(at, in, out, kernel, 1);
  }

  static Conv2d load(WeightPath at, int in, int out, int kernel, int stride) {
    return new Conv2d(at.tensor("weight", out, in, kernel, kernel), at.tensor("bias", out), stride);
  }

  /** One without a bias in the checkpoint: it gets one of zeros, for a norm to be folded into. */
  static Conv2d loadUnbiased(WeightPath at, int in, int out, int kernel, int stride) {
    HostTensor zeros = HostTensor.of(at.path() + ".bias", Shape.of(out), new float[out]);
    return new Conv2d(at.tensor("weight", out, in, kernel, kernel), zeros, stride);
  }

  /**
   * Of a 3×3 one, after nearest neighbour ×2: {@code [N, H, W, in]} to {@code [N, 2H, 2W, out]}.
   */
  Tensor applyUpsampled(Ops ops, Tensor x) {
    return ops.upsampledConv2d(x, weight, bias);
  }

  /** {@code [N, H, W, in]} to {@code [N, ⌈H/stride⌉, ⌈W/stride⌉, out]}. */
  Tensor apply(Ops ops, Tensor x, Epilogue epilogue) {
    return ops.conv2d(x, weight, bias, stride, weight.shape().dim(2) / 2, epilogue);
  }
}
