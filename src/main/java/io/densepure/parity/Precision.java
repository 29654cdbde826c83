package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;

/**
 * How close an array must come that a network computed with activations of some dtype. The
 * reference data is float32 and its tolerances are meant for that; this is the one place that says
 * what is allowed in 16 bits.
 *
 * <table>
 * <caption>b: golden value; r: root mean square of the golden array</caption>
 * <tr><th>dtype</th><th>every value</th><th>root mean square of all errors</th></tr>
 * <tr><td>fp32</td><td>the case's own tolerance</td><td></td></tr>
 * <tr><td>fp16</td><td>32 · 2⁻¹¹ · (|b| + r)</td><td>8 · 2⁻¹¹ · r</td></tr>
 * <tr><td>bf16</td><td>32 · 2⁻⁸ · (|b| + r)</td><td>8 · 2⁻⁸ · r</td></tr>
 * </table>
 *
 * @param dtype what activations are stored as
 * @param fp32 the case's own tolerance
 */
record Precision(DType dtype, Tolerance fp32) {
  /** How many roundings of an activation's last bit may add up in one value. */
  private static final double ROUNDINGS = 32;

  /** The same over a whole array, where errors of either sign cancel. */
  private static final double MEAN_ROUNDINGS = 8;

  /** For what is computed in float32 whatever the activations are stored as. */
  static Precision float32(Tolerance tolerance) {
    return new Precision(DType.F32, tolerance);
  }

  /** Compares an array of {@code shape}. */
  void compare(Comparison comparison, String name, HostTensor golden, Shape shape, float[] actual) {
    if (lastBit() == 0 || !golden.shape().equals(shape)) {
      comparison.close(name, golden, shape, actual, elementwise(golden));
      return;
    }
    float[] expected = golden.toFloats();
    float[] comparable = comparable(expected, actual);
    comparison.close(name, golden, shape, comparable, elementwise(golden));
    float[] errors = new float[expected.length];
    for (int i = 0; i < errors.length; i++) {
      errors[i] = comparable[i] - expected[i];
    }
    Tolerance allowed = new Tolerance(0, MEAN_ROUNDINGS * lastBit() * rootMeanSquare(expected));
    comparison.close(name + " (rms)", 0, rootMeanSquare(errors), allowed);
  }

  /**
   * Where the original itself computed NaN or infinities, at noise levels that repeat, float32's
   * last bit decides which of them a value becomes, so 16 bits cannot be held to it: in such an
   * array only the values that are finite in both are compared.
   */
  private static float[] comparable(float[] expected, float[] actual) {
    boolean degenerate = false;
    for (float e : expected) {
      degenerate |= !Float.isFinite(e);
    }
    float[] out = actual.clone();
    for (int i = 0; degenerate && i < out.length; i++) {
      out[i] = Float.isFinite(expected[i]) && Float.isFinite(out[i]) ? out[i] : expected[i];
    }
    return out;
  }

  /** What every value of an array is held against. */
  Tolerance elementwise(HostTensor golden) {
    if (lastBit() == 0) {
      return fp32;
    }
    double share = ROUNDINGS * lastBit();
    return new Tolerance(share, share * rootMeanSquare(golden.toFloats()));
  }

  /**
   * Relative size of an activation's last bit; 0 for float32, to which the table does not apply.
   */
  private double lastBit() {
    return switch (dtype) {
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      default -> 0;
    };
  }

  /** Over the finite values. */
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
