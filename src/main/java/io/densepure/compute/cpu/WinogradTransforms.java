package io.densepure.compute.cpu;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The matrices of Winograd's minimal filtering F(4×4, 3×3): for a tile d of 6×6 pixels and a kernel
 * g, the 4×4 results are Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A. They come from polynomials' values at 0, ±a, ±b
 * and ∞ (Lavin and Gray 2016, arXiv 1509.09308).
 *
 * <p>With the usual points, 1 and 2, rounding errors are more than twice as large as with 11/16 and
 * 3/2, which were found by trying. All entries of A and B are exact in float32.
 */
final class WinogradTransforms {
  /** Results along a side of a tile. */
  static final int RESULTS = 4;

  /** Pixels that they depend on along that side, and components that are made of these. */
  static final int PIXELS = 6;

  static final int COMPONENTS = PIXELS * PIXELS;
  static final int KERNEL = 3;

  private static final double A = 11.0 / 16;
  private static final double B = 3.0 / 2;
  private static final double[] POINTS = {0, A, -A, B, -B};

  private WinogradTransforms() {}

  /**
   * A row of Bᵀ as the kernel of a convolution of stride 4, without the zeros at its ends.
   *
   * @param before how many pixels it starts before the first one of a row, at least 0
   * @param after how many it ends after the last one, at least 0
   */
  record Taps(int before, int after, List<Float> values) {
    /**
     * @param component 0 to 5
     * @param atStart whether what it is applied to begins at the image's edge, beyond which all is
     *     zero, and not one pixel before the first tile's results
     * @param atEnd the same of its end
     */
    static Taps of(int component, boolean atStart, boolean atEnd) {
      double[] row = pixels(component);
      int first = atStart && row[0] == 0 ? 1 : 0;
      int last = atEnd && row[PIXELS - 1] == 0 ? PIXELS - 2 : PIXELS - 1;
      List<Float> values =
          IntStream.rangeClosed(first, last).mapToObj(i -> (float) row[i]).toList();
      int before = (atStart ? 1 : 0) - first;
      return new Taps(before, last - (PIXELS - 1) + (atEnd ? 1 : 0), values);
    }
  }

  /** A row of Bᵀ: the coefficients of the polynomial that is 0 at all other points. */
  private static double[] pixels(int component) {
    double[] polynomial = {1, 0, 0, 0, 0, 0};
    for (int i = 0; i < POINTS.length; i++) {
      if (i != component) {
        polynomial = timesRoot(polynomial, POINTS[i]);
      }
    }
    return polynomial;
  }

  /** The polynomial, lowest power first, times x − root. */
  private static double[] timesRoot(double[] polynomial, double root) {
    double[] product = new double[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      product[i] = (i > 0 ? polynomial[i - 1] : 0) - root * polynomial[i];
    }
    return product;
  }

  /** G, {@code [6, 3]}. */
  static double[][] kernel() {
    double[][] matrix = new double[PIXELS][KERNEL];
    for (int i = 0; i < POINTS.length; i++) {
      double scale = 1;
      for (int j = 0; j < POINTS.length; j++) {
        scale *= i == j ? 1 : POINTS[i] - POINTS[j];
      }
      for (int power = 0; power < KERNEL; power++) {
        matrix[i][power] = Math.pow(POINTS[i], power) / scale;
      }
    }
    matrix[PIXELS - 1][KERNEL - 1] = 1;
    return matrix;
  }

  /** Aᵀ, {@code [4, 6]}. */
  private static double[][] results() {
    double[][] matrix = new double[RESULTS][PIXELS];
    for (int power = 0; power < RESULTS; power++) {
      for (int i = 0; i < POINTS.length; i++) {
        matrix[power][i] = Math.pow(POINTS[i], power);
      }
    }
    matrix[RESULTS - 1][PIXELS - 1] = 1;
    return matrix;
  }

  /** Aᵀ along both sides, {@code [16, 36]}. */
  static HostTensor inverse() {
    return HostTensor.of(
        "inverse", Shape.of(RESULTS * RESULTS, COMPONENTS), alongBothSides(results()));
  }

  /** The Kronecker product of a matrix with itself, row by row. */
  static float[] alongBothSides(double[][] matrix) {
    int rows = matrix.length;
    int columns = matrix[0].length;
    float[] product = new float[rows * rows * columns * columns];
    for (int i = 0; i < product.length; i++) {
      int row = i / (columns * columns);
      int column = i % (columns * columns);
      product[i] =
          (float) (matrix[row / rows][column / columns] * matrix[row % rows][column % columns]);
    }
    return product;
  }
}
