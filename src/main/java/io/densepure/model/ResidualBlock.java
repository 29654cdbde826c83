package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;
import java.util.List;

/**
 * relu(convolutions(x) + x), with the shortcut projected where its shape changes ({@code
 * BasicBlock} and {@code Bottleneck} of {@code resnet.py}).
 *
 * @param convs {@code conv1}, {@code conv2} and, in a bottleneck, {@code conv3}, their norms folded
 *     in
 * @param downsample {@code downsample.0} with {@code downsample.1} folded in; null for the identity
 */
record ResidualBlock(List<Conv2d> convs, Conv2d downsample) {
  /** 3×3, 3×3; the first one has the stride. */
  static ResidualBlock loadBasic(WeightPath at, int in, int width, int out, int stride) {
    return new ResidualBlock(
        List.of(
            conv(at, 1, in, width, 3, stride), //
            conv(at, 2, width, out, 3, 1)),
        loadDownsample(at, in, out, stride));
  }

  /** 1×1, 3×3 with the stride, 1×1. */
  static ResidualBlock loadBottleneck(WeightPath at, int in, int width, int out, int stride) {
    return new ResidualBlock(
        List.of(
            conv(at, 1, in, width, 1, 1),
            conv(at, 2, width, width, 3, stride),
            conv(at, 3, width, out, 1, 1)),
        loadDownsample(at, in, out, stride));
  }

  private static Conv2d loadDownsample(WeightPath at, int in, int out, int stride) {
    WeightPath d = at.at("downsample");
    return stride == 1 && in == out ? null : folded(d.at(0), d.at(1), in, out, 1, stride);
  }

  private static Conv2d conv(WeightPath at, int i, int in, int out, int kernel, int stride) {
    return folded(at.at("conv" + i), at.at("bn" + i), in, out, kernel, stride);
  }

  private static Conv2d folded(
      WeightPath conv, WeightPath norm, int in, int out, int kernel, int stride) {
    return BatchNorm.load(norm, out, BatchNorm.EPS)
        .foldInto(Conv2d.loadUnbiased(conv, in, out, kernel, stride));
  }

  /** {@code [N, H, W, in]} to {@code [N, H/stride, W/stride, out]}. */
  Tensor forward(Ops ops, Tensor x) {
    Tensor residual = downsample == null ? x : downsample.apply(ops, x, Epilogue.NONE);
    Tensor h = x;
    int last = convs.size() - 1;
    for (Conv2d conv : convs.subList(0, last)) {
      h = conv.apply(ops, h, Epilogue.activation(Activation.RELU));
    }
    return convs.get(last).apply(ops, h, Epilogue.residual(residual).then(Activation.RELU));
  }
}
