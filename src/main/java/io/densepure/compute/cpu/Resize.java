package io.densepure.compute.cpu;

import io.densepure.compute.AxisFilter;
import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import java.nio.FloatBuffer;

/**
 * Resizing by an {@link AxisFilter} per axis, in Java: every row of pixels first, into a scratch,
 * then every column.
 */
final class Resize {
  /** A weighted sum of what one output reads. */
  @FunctionalInterface
  private interface Taps {
    /**
     * @param from index of the value that a tap at coordinate 0 would read
     * @param stride between neighbouring coordinates
     * @param o output coordinate
     */
    float sum(FloatBuffer x, int from, int stride, AxisFilter filter, int o);
  }

  private Resize() {}

  static void bicubic(StepBuilder builder, CpuTensor x, CpuTensor out) {
    AxisFilter columns = AxisFilter.bicubic(x.shape().dim(2), out.shape().dim(2));
    AxisFilter rows = AxisFilter.bicubic(x.shape().dim(1), out.shape().dim(1));
    resize(builder, x, columns, rows, out, Resize::floats);
  }

  static void bytes(StepBuilder builder, CpuTensor x, CpuTensor out) {
    AxisFilter columns = AxisFilter.pillowBilinear(x.shape().dim(2), out.shape().dim(2));
    AxisFilter rows = AxisFilter.pillowBilinear(x.shape().dim(1), out.shape().dim(1));
    resize(builder, x, columns, rows, out, Resize::bytes);
  }

  private static void resize(
      StepBuilder builder,
      CpuTensor x,
      AxisFilter columns,
      AxisFilter rows,
      CpuTensor out,
      Taps taps) {
    int images = x.shape().dim(0);
    int c = x.channels();
    int inRow = columns.in() * c;
    int outRow = columns.out() * c;
    CpuTensor wide = builder.scratch(DType.F32, Shape.of(images, rows.in(), columns.out(), c));
    builder.host(
        "",
        () -> {
          FloatBuffer from = x.floats();
          FloatBuffer between = wide.floats();
          FloatBuffer to = out.floats();
          return () -> {
            HostOps.forEach(
                images * rows.in(),
                out,
                builder,
                row -> {
                  for (int i = 0; i < outRow; i++) {
                    float v = taps.sum(from, row * inRow + i % c, c, columns, i / c);
                    between.put(row * outRow + i, v);
                  }
                });
            HostOps.forEach(
                images * rows.out(),
                out,
                builder,
                row -> {
                  int image = row / rows.out() * rows.in() * outRow;
                  for (int i = 0; i < outRow; i++) {
                    float v = taps.sum(between, image + i, outRow, rows, row % rows.out());
                    to.put(row * outRow + i, v);
                  }
                });
          };
        });
  }

  private static float floats(FloatBuffer x, int from, int stride, AxisFilter filter, int o) {
    float sum = 0;
    for (int k = 0; k < filter.taps(); k++) {
      sum += x.get(from + filter.source(o, k) * stride) * filter.weight(o, k);
    }
    return sum;
  }

  private static float bytes(FloatBuffer x, int from, int stride, AxisFilter filter, int o) {
    int sum = 0;
    for (int k = 0; k < filter.taps(); k++) {
      float v = x.get(from + filter.source(o, k) * stride);
      int weight = (int) filter.weight(o, k);
      if (Float.isNaN(v) && weight != 0) {
        return Float.NaN;
      }
      sum += (int) v * weight;
    }
    return AxisFilter.toByte(sum);
  }
}
