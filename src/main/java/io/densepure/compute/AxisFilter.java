package io.densepure.compute;

import java.util.function.DoubleUnaryOperator;

/**
 * How resizing makes each output coordinate of one axis: a weighted sum of {@link #taps} inputs in
 * a row, the first of which is {@link #first}; coordinates beyond the edge mean the pixel at the
 * edge. Images are resized along one axis after the other.
 *
 * @param in extent before
 * @param out extent after
 * @param taps inputs per output
 * @param first {@code [out]}; may be negative
 * @param weights {@code [out, taps]}
 */
public record AxisFilter(int in, int out, int taps, int[] first, float[] weights) {
  /** The binary point of {@link #pillowBilinear} and {@link #pillowBicubic}. */
  public static final int FRACTION_BITS = 22;

  private static final double TORCH_A = -0.75;
  private static final double PILLOW_A = -0.5;

  /**
   * Cubic convolution (Keys 1981) with a = −0.75 and without antialiasing, as PyTorch has it
   * (UpSample.h, get_cubic_upsample_coefficients). The ratio of the extents is rounded to float32,
   * the coordinates are not: at 224, rounded ones would be 1e-5 away from PyTorch's results.
   */
  public static AxisFilter bicubic(int in, int out) {
    float scale = (float) in / out;
    int[] first = new int[out];
    float[] weights = new float[4 * out];
    for (int o = 0; o < out; o++) {
      double centre = scale * (o + 0.5) - 0.5;
      int left = (int) Math.floor(centre);
      double t = centre - left;
      first[o] = left - 1;
      weights[4 * o] = (float) cubic(TORCH_A, t + 1);
      weights[4 * o + 1] = (float) cubic(TORCH_A, t);
      weights[4 * o + 2] = (float) cubic(TORCH_A, 1 - t);
      weights[4 * o + 3] = (float) cubic(TORCH_A, 2 - t);
    }
    return new AxisFilter(in, out, 4, first, weights);
  }

  /** The cubic convolution kernel at distance x. */
  private static double cubic(double a, double x) {
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }

  /**
   * Pillow's bilinear filter for bytes (Resample.c, precompute_coeffs and normalize_coeffs_8bpc): a
   * triangle, as wide as an output pixel where the image shrinks.
   *
   * @return whole-numbered weights, which stand for multiples of 2⁻²²
   */
  public static AxisFilter pillowBilinear(int in, int out) {
    return pillow(in, out, 1, x -> Math.max(0, 1 - Math.abs(x)));
  }

  /** Pillow's bicubic filter for bytes, a = −0.5; otherwise as {@link #pillowBilinear}. */
  public static AxisFilter pillowBicubic(int in, int out) {
    return pillow(in, out, 2, x -> cubic(PILLOW_A, Math.abs(x)));
  }

  private static AxisFilter pillow(int in, int out, double radius, DoubleUnaryOperator shape) {
    double scale = (double) in / out;
    double stretch = Math.max(1, scale);
    double support = radius * stretch;
    int taps = (int) Math.ceil(support) * 2 + 1;
    int[] first = new int[out];
    float[] weights = new float[Math.multiplyExact(out, taps)];
    double[] w = new double[taps];
    for (int o = 0; o < out; o++) {
      double centre = (o + 0.5) * scale;
      first[o] = Math.max(0, (int) (centre - support + 0.5));
      int count = Math.min(in, (int) (centre + support + 0.5)) - first[o];
      double sum = 0;
      for (int k = 0; k < count; k++) {
        w[k] = shape.applyAsDouble((k + first[o] - centre + 0.5) * (1 / stretch));
        sum += w[k];
      }
      for (int k = 0; k < count; k++) {
        double fixed = (sum == 0 ? w[k] : w[k] / sum) * (1 << FRACTION_BITS);
        weights[o * taps + k] = (int) (fixed < 0 ? fixed - 0.5 : fixed + 0.5);
      }
    }
    return new AxisFilter(in, out, taps, first, weights);
  }

  /** The input that tap {@code k} of output {@code o} reads, in [0, in). */
  public int source(int o, int k) {
    return Math.max(0, Math.min(in - 1, first[o] + k));
  }

  /** The weight of tap {@code k} of output {@code o}. */
  public float weight(int o, int k) {
    return weights[o * taps + k];
  }

  /**
   * A weighted sum of bytes with the fixed-point weights of Pillow's filters, rounded and cut off
   * to a byte.
   *
   * @param sum of byte · weight
   */
  public static int toByte(int sum) {
    int rounded = (sum + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS;
    return Math.max(0, Math.min(255, rounded));
  }
}
