package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;

/**
 * The one place that says how much further than a case's own tolerance a network may be off when
 * its activations are stored in 16 bits. The reference data was computed in float32 and its
 * tolerances are for float32 only.
 *
 * <table>
 * <caption>Allowed distance from the golden value b, in an array of root mean square r</caption>
 * <tr><th>dtype</th><th>allowed</th><th>significand</th></tr>
 * <tr><td>fp32</td><td>the case's own tolerance</td><td>24 bits</td></tr>
 * <tr><td>fp16</td><td>32 · 2⁻¹¹ · (|b| + r)</td><td>11 bits</td></tr>
 * <tr><td>bf16</td><td>32 · 2⁻⁸ · (|b| + r)</td><td>8 bits</td></tr>
 * </table>
 */
final class Precision {
  /** How many roundings of an activation's last bit may add up in one value. */
  private static final double ROUNDINGS = 32;

  private Precision() {}

  /** The tolerance for one array that a network computed with activations in {@code dtype}. */
  static Tolerance of(DType dtype, Tolerance fp32, HostTensor expected) {
    double ulp =
        switch (dtype) {
          case F16 -> 0x1p-11;
          case BF16 -> 0x1p-8;
          default -> 0;
        };
    if (ulp == 0) {
      return fp32;
    }
    double share = ROUNDINGS * ulp;
    return new Tolerance(share, share * rootMeanSquare(expected.toFloats()));
  }

  private static double rootMeanSquare(float[] values) {
    double sum = 0;
    int finite = 0;
    for (float v : values) {
      if (Float.isFinite(v)) {
        sum += (double) v * v;
        finite++;
      }
    }
    return Math.sqrt(sum / Math.max(1, finite));
  }
}
