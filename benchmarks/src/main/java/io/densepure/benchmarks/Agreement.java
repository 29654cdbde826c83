package io.densepure.benchmarks;

import io.densepure.compute.DType;

/**
 * How far two engines' outputs for the same weights and input are apart.
 *
 * @param maxError largest absolute difference; NaN if anything is NaN
 * @param maxOutput largest absolute value of the second
 */
record Agreement(double maxError, double maxOutput) {
  private static final double FP32_LIMIT = 1e-3;
  private static final double BF16_LIMIT = 0.1; // of the largest output: wrong, not merely rounded

  static Agreement of(float[] ours, float[] theirs) {
    if (ours.length != theirs.length) {
      throw new IllegalStateException(ours.length + " outputs against " + theirs.length);
    }
    double error = 0;
    double largest = 0;
    for (int i = 0; i < ours.length; i++) {
      error = Math.max(error, Math.abs((double) ours[i] - theirs[i]));
      largest = Math.max(largest, Math.abs(theirs[i]));
    }
    return new Agreement(error, largest);
  }

  /** Whether the two computed the same thing in {@code dtype}. */
  boolean holds(DType dtype) {
    double limit = dtype == DType.F32 ? FP32_LIMIT : BF16_LIMIT * maxOutput;
    return maxError <= limit;
  }
}
