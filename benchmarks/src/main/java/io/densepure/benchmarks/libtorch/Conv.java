package io.densepure.benchmarks.libtorch;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.util.Locale;

/**
 * A convolution of a given input shape.
 *
 * @param weight {@code [out, in, k, k]}, or {@code [out, in, 1]} for a 1×1 convolution
 * @param bias {@code [out]}
 * @param padding on every side
 * @param inputShape {@code [N, in, H, W]}
 */
record Conv(HostTensor weight, HostTensor bias, int stride, int padding, Shape inputShape) {
  /** Padded by (kernel − 1)/2. */
  Conv(HostTensor weight, HostTensor bias, int stride, Shape inputShape) {
    this(weight, bias, stride, kernel(weight) / 2, inputShape);
  }

  private static int kernel(HostTensor weight) {
    return weight.shape().rank() == 4 ? weight.shape().dim(3) : 1;
  }

  /** {@code [out, in, k, k]}. */
  Shape weightShape() {
    Shape s = weight.shape();
    return Shape.of(s.dim(0), s.dim(1), kernel(weight), kernel(weight));
  }

  /** Padding, stride, dilation and groups as TorchScript arguments. */
  String geometry() {
    return String.format(
        Locale.ROOT, "[%d, %d], [%d, %d], [1, 1], 1", padding, padding, stride, stride);
  }

  /** Floating-point operations, two for each product. */
  long flops() {
    long pixels = (long) inputShape.dim(2) * inputShape.dim(3) / (stride * stride);
    return 2 * inputShape.dim(0) * pixels * weightShape().elements();
  }
}
