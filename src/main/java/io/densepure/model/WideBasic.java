package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * A pre-activation residual block ({@code wide_resnet.py, wide_basic}). The stride is in the second
 * convolution, and the shortcut sees the block's input before its norm.
 *
 * @param bn1 {@code bn1}
 * @param conv1 {@code conv1} with {@code bn2} folded into it
 * @param conv2 {@code conv2}
 * @param shortcut {@code shortcut.0}, 1×1; null if neither channels nor resolution change
 */
record WideBasic(BatchNorm bn1, Conv2d conv1, Conv2d conv2, Conv2d shortcut) {
  static WideBasic load(WeightPath at, int in, int out, int stride) {
    BatchNorm bn2 = BatchNorm.load(at.at("bn2"), out, BatchNorm.EPS);
    return new WideBasic(
        BatchNorm.load(at.at("bn1"), in, BatchNorm.EPS),
        bn2.foldInto(Conv2d.load(at.at("conv1"), in, out, 3)),
        Conv2d.load(at.at("conv2"), out, out, 3, stride),
        stride == 1 && in == out ? null : Conv2d.load(at.at("shortcut").at(0), in, out, 1, stride));
  }

  /** {@code [N, H, W, in]} to {@code [N, H/stride, W/stride, out]}. */
  Tensor forward(Ops ops, Tensor x) {
    Tensor h = bn1.apply(ops, x, Activation.RELU);
    h = conv1.apply(ops, h, Epilogue.activation(Activation.RELU)); // [N, H, W, out]
    Tensor residual = shortcut == null ? x : shortcut.apply(ops, x, Epilogue.NONE);
    return conv2.apply(ops, h, Epilogue.residual(residual));
  }
}
