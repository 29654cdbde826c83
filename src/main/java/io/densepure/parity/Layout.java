package io.densepure.parity;

import io.densepure.compute.Shape;

/**
 * Moves the channels of an array: the golden data has them second ({@code [N, C, ...]}, as
 * PyTorch), devices have them last ({@code [N, ..., C]}).
 */
final class Layout {
  private Layout() {}

  /** {@code [N, C, ...]} to {@code [N, ..., C]}; arrays of rank 2 and less stay as they are. */
  static Shape channelsLast(Shape s) {
    int[] dims = s.toArray();
    if (dims.length > 2) {
      System.arraycopy(dims, 2, dims, 1, dims.length - 2);
      dims[dims.length - 1] = s.dim(1);
    }
    return Shape.of(dims);
  }

  /** {@code [N, ..., C]} to {@code [N, C, ...]}; arrays of rank 2 and less stay as they are. */
  static Shape channelsFirst(Shape s) {
    int[] dims = s.toArray();
    if (dims.length > 2) {
      System.arraycopy(dims, 1, dims, 2, dims.length - 2);
      dims[1] = s.dim(-1);
    }
    return Shape.of(dims);
  }

  /**
   * @param shape of {@code values}, channels second
   */
  static float[] channelsLast(float[] values, Shape shape) {
    return shape.rank() < 3
        ? values
        : transpose(values, shape.dim(0), shape.dim(1), pixels(shape, shape.dim(1)));
  }

  /**
   * @param shape of {@code values}, channels last
   */
  static float[] channelsFirst(float[] values, Shape shape) {
    return shape.rank() < 3
        ? values
        : transpose(values, shape.dim(0), pixels(shape, shape.dim(-1)), shape.dim(-1));
  }

  private static int pixels(Shape shape, int channels) {
    return Math.toIntExact(shape.elements() / Math.max(1, (long) shape.dim(0) * channels));
  }

  /** {@code [n, rows, columns]} to {@code [n, columns, rows]}. */
  private static float[] transpose(float[] values, int n, int rows, int columns) {
    float[] out = new float[values.length];
    int to = 0;
    for (int i = 0; i < n; i++) {
      int image = i * rows * columns;
      for (int c = 0; c < columns; c++) {
        for (int r = 0; r < rows; r++) {
          out[to++] = values[image + r * columns + c];
        }
      }
    }
    return out;
  }
}
