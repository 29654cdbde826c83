package io.densepure.compute.cpu;

import java.util.Arrays;

/**
 * Pooling by maximum, in Java row by row: oneDNN's loses NaN and minus infinity.
 *
 * @param x {@code [N, H, W, C]}
 * @param out {@code [N, OH, OW, C]}
 */
record MaxPool(CpuTensor x, int size, int stride, int padding, CpuTensor out) {
  void build(StepBuilder builder) {
    int rows = out.shape().dim(0) * out.shape().dim(1);
    builder.host(
        "",
        () -> {
          Rows from = new Rows(x); // rows of pixels
          Rows to = new Rows(out);
          return () -> HostOps.forEach(rows, out, builder, row -> poolRow(from, row, to));
        });
  }

  /** One row of pixels of the result. */
  private void poolRow(Rows from, int row, Rows to) {
    int height = x.shape().dim(1);
    int top = row % out.shape().dim(1) * stride - padding;
    int image = row / out.shape().dim(1) * height;
    float[] source = new float[x.shape().dim(2) * x.channels()];
    float[] largest = new float[out.shape().dim(2) * out.channels()];
    Arrays.fill(largest, Float.NEGATIVE_INFINITY);
    for (int y = Math.max(0, top); y < Math.min(height, top + size); y++) {
      from.get(image + y, source);
      enlarge(largest, source);
    }
    to.put(row, largest);
  }

  private void enlarge(float[] largest, float[] source) {
    int channels = x.channels();
    int width = x.shape().dim(2);
    for (int column = 0; column < out.shape().dim(2); column++) {
      int left = column * stride - padding;
      int to = column * channels;
      for (int w = Math.max(0, left); w < Math.min(width, left + size); w++) {
        int from = w * channels;
        for (int c = 0; c < channels; c++) {
          largest[to + c] = Math.max(largest[to + c], source[from + c]);
        }
      }
    }
  }
}
