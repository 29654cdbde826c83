package io.densepure.model;

import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * {@code nn.Linear}, or a convolution of length 1 over tokens ({@code nn.Conv1d(in, out, 1)}).
 *
 * @param weight {@code [out, in]} or {@code [out, in, 1]}
 * @param bias {@code [out]}
 */
record Linear(HostTensor weight, HostTensor bias) {
  static Linear load(WeightPath at, int in, int out) {
    return new Linear(at.tensor("weight", out, in), at.tensor("bias", out));
  }

  static Linear loadConv1d(WeightPath at, int in, int out) {
    return new Linear(at.tensor("weight", out, in, 1), at.tensor("bias", out));
  }

  /** {@code [..., in]} to {@code [..., out]}. */
  Tensor apply(Ops ops, Tensor x, Epilogue epilogue) {
    return ops.linear(x, weight, bias, epilogue);
  }
}
