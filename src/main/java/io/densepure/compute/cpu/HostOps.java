package io.densepure.compute.cpu;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Philox;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Operations in Java: those that oneDNN lacks, all of them small next to a network. */
final class HostOps {
  /** Below this many elements an operation is not worth a second thread. */
  private static final int PARALLEL_ELEMENTS = 1 << 16;

  private HostOps() {}

  static void timestepEmbedding(StepBuilder builder, CpuTensor timesteps, CpuTensor out) {
    int dim = out.channels();
    int half = dim / 2;
    float[] frequencies = new float[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = (float) Math.exp((float) -Math.log(10000) * i / half);
    }
    builder.host(
        "",
        () -> {
          FloatBuffer t = timesteps.floats();
          FloatBuffer to = out.floats();
          return () -> {
            for (int n = 0; n < t.capacity(); n++) {
              for (int i = 0; i < half; i++) {
                float angle = t.get(n) * frequencies[i];
                to.put(n * dim + i, (float) Math.cos(angle));
                to.put(n * dim + half + i, (float) Math.sin(angle));
              }
              if (dim % 2 == 1) {
                to.put(n * dim + dim - 1, 0f);
              }
            }
          };
        });
  }

  static void embedding(StepBuilder builder, CpuTensor ids, HostTensor table, CpuTensor out) {
    float[] rows = table.toFloats();
    int d = out.channels();
    int count = table.shape().dim(0);
    builder.host(
        "",
        () -> {
          IntBuffer id = ids.ints();
          FloatBuffer to = out.floats();
          return () -> {
            for (int n = 0; n < id.capacity(); n++) {
              if (id.get(n) < 0 || id.get(n) >= count) {
                throw new IllegalArgumentException(
                    "embedding: id " + id.get(n) + " is not in [0, " + count + ")");
              }
              to.put(n * d, rows, id.get(n) * d, d);
            }
          };
        });
  }

  static void gaussianNoise(StepBuilder builder, CpuTensor keys, CpuTensor out) {
    int lanes = out.shape().dim(0);
    int channels = out.channels();
    int pixels = out.shape().dim(1) * out.shape().dim(2);
    builder.host(
        "",
        () -> {
          IntBuffer key = keys.ints();
          FloatBuffer to = out.floats();
          return () -> forEach(lanes, out, builder, lane -> noise(key, lane, channels, pixels, to));
        });
  }

  /** One lane: {@link Philox} counts in [C, H, W] order, the result is channels last. */
  private static void noise(IntBuffer keys, int lane, int channels, int pixels, FloatBuffer to) {
    int k = lane * Ops.NOISE_KEY_WORDS;
    int[] words = new int[4];
    float[] normals = new float[4];
    int element = 0;
    for (int c = 0; c < channels; c++) {
      for (int pixel = 0; pixel < pixels; pixel++, element++) {
        if (element % 4 == 0) {
          Philox.block(
              element / 4,
              keys.get(k + 2),
              keys.get(k + 3),
              keys.get(k + 4),
              keys.get(k),
              keys.get(k + 1),
              words);
          Philox.normals(words, normals);
        }
        to.put((lane * pixels + pixel) * channels + c, normals[element % 4]);
      }
    }
  }

  static void combine(
      StepBuilder builder, float a, CpuTensor x, float b, CpuTensor y, float c, CpuTensor out) {
    builder.host(
        "",
        () -> {
          FloatBuffer p = x.floats();
          FloatBuffer q = y == null ? null : y.floats();
          FloatBuffer to = out.floats();
          return () -> {
            for (int i = 0; i < to.capacity(); i++) {
              float v = a * p.get(i);
              if (q != null) {
                v = v + b * q.get(i);
              }
              to.put(i, v + c);
            }
          };
        });
  }

  static void toBytes(StepBuilder builder, CpuTensor x, CpuTensor out) {
    builder.host(
        "",
        () -> {
          FloatBuffer from = x.floats();
          FloatBuffer to = out.floats();
          return () -> {
            for (int i = 0; i < to.capacity(); i++) {
              to.put(i, toByte(from.get(i)));
            }
          };
        });
  }

  private static float toByte(float x) {
    float v = x * 255f;
    return Math.abs(v) < 0x1p31f ? (int) v & 0xff : v == v ? 0f : v;
  }

  static void argmax(StepBuilder builder, CpuTensor logits, CpuTensor out) {
    int k = logits.channels();
    float[] row = new float[k];
    builder.host(
        "",
        () -> {
          Rows rows = new Rows(logits);
          IntBuffer to = out.ints();
          return () -> {
            for (int n = 0; n < to.capacity(); n++) {
              rows.get(n, row);
              to.put(n, indexOfLargest(row));
            }
          };
        });
  }

  /** The lowest index on ties. */
  private static int indexOfLargest(float[] row) {
    int best = 0;
    for (int i = 0; i < row.length; i++) {
      if (!Float.isFinite(row[i])) {
        return Ops.NOT_FINITE;
      }
      if (row[i] > row[best]) {
        best = i;
      }
    }
    return best;
  }

  /** Calls {@code body} for 0 … count−1, on several threads if the result is large. */
  static void forEach(int count, CpuTensor result, StepBuilder builder, IntConsumer body) {
    IntStream indices = IntStream.range(0, count);
    if (builder.threads() > 1 && result.elements() >= PARALLEL_ELEMENTS) {
      indices = indices.parallel();
    }
    indices.forEach(body);
  }
}
