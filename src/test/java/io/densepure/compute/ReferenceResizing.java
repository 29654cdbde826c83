package io.densepure.compute;

/** Resizing as its inventors wrote it down, pixel by pixel, without {@link AxisFilter}. */
final class ReferenceResizing {
  private ReferenceResizing() {}

  /** Keys' cubic with a = −0.75. */
  private static double cubic(double signed) {
    double x = Math.abs(signed);
    if (x <= 1) {
      return 1.25 * x * x * x - 2.25 * x * x + 1;
    }
    return x < 2 ? -0.75 * x * x * x + 3.75 * x * x - 6 * x + 3 : 0;
  }

  static void bicubic(ReferenceTensor x, ReferenceTensor out) {
    Shape from = x.shape();
    Shape to = out.shape();
    int c = to.dim(3);
    for (int i = 0; i < out.floats.length; i++) {
      int pixel = i / c;
      int image = pixel / to.dim(2) / to.dim(1);
      double cy = centre(pixel / to.dim(2) % to.dim(1), from.dim(1), to.dim(1));
      double cx = centre(pixel % to.dim(2), from.dim(2), to.dim(2));
      double sum = 0;
      for (int y = (int) Math.floor(cy) - 1; y <= Math.floor(cy) + 2; y++) {
        for (int w = (int) Math.floor(cx) - 1; w <= Math.floor(cx) + 2; w++) {
          int sy = Math.max(0, Math.min(from.dim(1) - 1, y));
          int sx = Math.max(0, Math.min(from.dim(2) - 1, w));
          sum +=
              cubic(cy - y)
                  * cubic(cx - w)
                  * x.get(((image * from.dim(1) + sy) * from.dim(2) + sx) * c + i % c);
        }
      }
      out.set(i, sum);
    }
  }

  /** Where an output pixel lies among the inputs; PyTorch rounds the ratio to float32. */
  private static double centre(int o, int in, int out) {
    return (float) in / out * (o + 0.5) - 0.5;
  }

  static float toByte(float x) {
    float v = x * 255f;
    if (Float.isNaN(v)) {
      return v;
    }
    double whole = v < 0 ? Math.ceil(v) : Math.floor(v);
    return Math.abs(v) >= 0x1p31f ? 0 : (float) (whole - 256 * Math.floor(whole / 256));
  }

  static void bytes(ReferenceTensor x, ReferenceTensor out) {
    Shape from = x.shape();
    Shape to = out.shape();
    int c = to.dim(3);
    for (int n = 0; n < to.dim(0); n++) {
      for (int channel = 0; channel < c; channel++) {
        float[][] wide = new float[from.dim(1)][];
        for (int y = 0; y < from.dim(1); y++) {
          float[] row = new float[from.dim(2)];
          for (int w = 0; w < row.length; w++) {
            row[w] = x.get(((n * from.dim(1) + y) * from.dim(2) + w) * c + channel);
          }
          wide[y] = line(row, to.dim(2));
        }
        for (int w = 0; w < to.dim(2); w++) {
          float[] column = new float[from.dim(1)];
          for (int y = 0; y < column.length; y++) {
            column[y] = wide[y][w];
          }
          float[] result = line(column, to.dim(1));
          for (int y = 0; y < result.length; y++) {
            out.set(((n * to.dim(1) + y) * to.dim(2) + w) * c + channel, result[y]);
          }
        }
      }
    }
  }

  /** One row or column of bytes, with triangles over the pixels whose middle they reach. */
  private static float[] line(float[] x, int out) {
    float[] result = new float[out];
    double scale = (double) x.length / out;
    double reach = Math.max(1, scale);
    for (int o = 0; o < out; o++) {
      double centre = (o + 0.5) * scale;
      int from = Math.max(0, (int) (centre - reach + 0.5));
      int to = Math.min(x.length, (int) (centre + reach + 0.5));
      double total = 0;
      for (int i = from; i < to; i++) {
        total += triangle((i + 0.5 - centre) / reach);
      }
      long sum = 1 << 21;
      boolean nan = false;
      for (int i = from; i < to; i++) {
        long weight = Math.round(triangle((i + 0.5 - centre) / reach) / total * (1 << 22));
        nan |= Float.isNaN(x[i]) && weight != 0;
        sum += weight * (long) x[i];
      }
      result[o] = nan ? Float.NaN : Math.max(0, Math.min(255, sum >> 22));
    }
    return result;
  }

  private static double triangle(double x) {
    return Math.max(0, 1 - Math.abs(x));
  }
}
