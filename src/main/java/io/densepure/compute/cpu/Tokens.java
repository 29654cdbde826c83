package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;

/** Operations on sequences of tokens, {@code [N, T, C]}. */
final class Tokens {
  private Tokens() {}

  /** In Java, as a network does it only once. */
  static void prepend(
      StepBuilder builder, CpuTensor x, HostTensor token, HostTensor positions, CpuTensor out) {
    int sequences = x.shape().dim(0);
    int tokens = x.shape().dim(1);
    int channels = x.channels();
    float[] first = token.toFloats();
    float[] added = positions == null ? new float[(tokens + 1) * channels] : positions.toFloats();
    builder.host(
        "",
        () -> {
          Rows from = new Rows(x);
          Rows to = new Rows(out);
          return () ->
              HostOps.forEach(
                  sequences,
                  out,
                  builder,
                  n -> {
                    float[] row = first.clone();
                    for (int t = 0; t <= tokens; t++) {
                      if (t > 0) {
                        from.get(n * tokens + t - 1, row);
                      }
                      for (int c = 0; c < channels; c++) {
                        row[c] += added[t * channels + c];
                      }
                      to.put(n * (tokens + 1) + t, row);
                    }
                  });
        });
  }

  /** In Java, as oneDNN has only reference code for it. */
  static void mean(StepBuilder builder, CpuTensor x, int from, int to, CpuTensor out) {
    int tokens = x.shape().dim(1);
    builder.host(
        "",
        () -> {
          Rows rows = new Rows(x);
          Rows means = new Rows(out);
          return () ->
              HostOps.forEach(
                  x.shape().dim(0),
                  x,
                  builder,
                  n -> means.put(n, mean(rows, n * tokens + from, n * tokens + to, x.channels())));
        });
  }

  /** The mean of rows {@code first} to {@code last} − 1. */
  private static float[] mean(Rows rows, int first, int last, int channels) {
    float[] row = new float[channels];
    double[] sums = new double[channels];
    for (int r = first; r < last; r++) {
      rows.get(r, row);
      for (int c = 0; c < channels; c++) {
        sums[c] += row[c];
      }
    }
    for (int c = 0; c < channels; c++) {
      row[c] = (float) (sums[c] / (last - first));
    }
    return row;
  }

  static void transpose(StepBuilder builder, CpuTensor x, CpuTensor out) {
    Shape s = x.shape();
    long[] dims = {s.dim(0), s.dim(1), s.dim(2)};
    memory.desc rows = new memory.desc(dims, OneDnn.type(x.dtype()), memory.format_tag.abc);
    memory.desc columns = new memory.desc(dims, OneDnn.type(x.dtype()), memory.format_tag.acb);
    var description =
        new reorder.primitive_desc(
            builder.engine(), rows, builder.engine(), columns, OneDnn.attributes(), false);
    builder.primitive("", description).with(DNNL_ARG_SRC, rows, x).with(DNNL_ARG_DST, columns, out);
  }
}
