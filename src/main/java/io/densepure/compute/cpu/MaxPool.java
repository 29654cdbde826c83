package io.densepure.compute.cpu;

import io.densepure.compute.DType;
import io.densepure.compute.HalfFloats;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.ShortPointer;

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
          Rows from = Rows.of(x);
          Rows to = Rows.of(out);
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
      from.read(image + y, source);
      enlarge(largest, source);
    }
    to.write(row, largest);
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

  /** Rows of pixels as floats, whatever they are stored as. */
  private interface Rows {
    void read(int row, float[] into);

    void write(int row, float[] values);

    static Rows of(CpuTensor t) {
      return t.dtype() == DType.F32 ? new Floats(t.floats()) : new Halves(shorts(t));
    }

    private static ShortBuffer shorts(CpuTensor t) {
      return new ShortPointer(t.storage().memory()).capacity(t.elements()).asBuffer();
    }
  }

  private record Floats(FloatBuffer buffer) implements Rows {
    @Override
    public void read(int row, float[] into) {
      buffer.get(row * into.length, into);
    }

    @Override
    public void write(int row, float[] values) {
      buffer.put(row * values.length, values);
    }
  }

  /** bfloat16, the only 16-bit type of this backend. */
  private record Halves(ShortBuffer buffer) implements Rows {
    @Override
    public void read(int row, float[] into) {
      for (int i = 0; i < into.length; i++) {
        into[i] = HalfFloats.bf16ToFloat(buffer.get(row * into.length + i));
      }
    }

    @Override
    public void write(int row, float[] values) {
      for (int i = 0; i < values.length; i++) {
        buffer.put(row * values.length + i, HalfFloats.floatToBf16(values[i]));
      }
    }
  }
}
