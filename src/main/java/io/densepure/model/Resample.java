package io.densepure.model;

import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;

/** Changing resolution without weights, between two levels of a UNet. */
enum Resample {
  NONE,
  /** Nearest neighbour, ×2. */
  UP,
  /** Mean of 2×2. */
  DOWN;

  /** {@code [N, H, W, C]} to {@code [N, 2H, 2W, C]}, {@code [N, H/2, W/2, C]} or as it is. */
  Tensor apply(Ops ops, Tensor x) {
    return switch (this) {
      case NONE -> x;
      case UP -> ops.upsampleNearest2x(x);
      case DOWN -> ops.avgPool2d(x, 2, 2);
    };
  }

  /**
   * As {@link #apply(Ops, Tensor)}, then a convolution.
   *
   * @param conv 3×3, or null for none
   */
  Tensor apply(Ops ops, Tensor x, Conv2d conv) {
    if (conv == null) {
      return apply(ops, x);
    }
    return this == UP ? conv.applyUpsampled(ops, x) : conv.apply(ops, apply(ops, x), Epilogue.NONE);
  }
}
