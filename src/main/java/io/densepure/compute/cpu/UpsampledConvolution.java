package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import io.densepure.compute.Activation;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.compute.cpu.Convolution.Padding;
import java.util.List;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;

/**
 * A 3×3 convolution of an image whose every pixel has become 2×2. Of the three rows under the
 * kernel two are equal, and so of its columns: results in even and odd rows and columns are four
 * 2×2 convolutions of the small image, whose weights are sums of the kernel's. That is 4/9 of the
 * multiplications.
 *
 * @param x {@code [N, H, W, I]}
 * @param out {@code [N, 2H, 2W, O]}
 */
record UpsampledConvolution(CpuTensor x, HostTensor weight, HostTensor bias, CpuTensor out) {
  private static final int KERNEL = 3;

  private record Key(HostTensor weight) {}

  void build(StepBuilder builder) {
    Shape s = x.shape();
    Shape quarter = Shape.of(s.dim(0), s.dim(1), s.dim(2), out.channels());
    memory.desc layout = OneDnn.images(x.dtype(), quarter);
    List<HostTensor> kernels = builder.derived(new Key(weight), () -> kernels(weight));
    CpuTensor part = builder.scratch(x.dtype(), quarter);
    PostOps plain = new PostOps(null, layout, part, Activation.NONE);
    for (int odd = 0; odd < 4; odd++) {
      int row = odd / 2;
      int column = odd % 2;
      Padding padding = new Padding(1 - row, 1 - column, row, column);
      new Convolution(x, kernels.get(odd), bias, 1, padding, plain).build(builder, "2×2");
      scatter(builder, part, layout, row, column);
    }
  }

  /** Into every other pixel of every other row of the result. */
  private void scatter(StepBuilder builder, CpuTensor part, memory.desc from, int row, int column) {
    long channels = out.channels();
    long width = out.shape().dim(2);
    Shape s = part.shape();
    long[] dims = {s.dim(0), channels, s.dim(1), s.dim(2)};
    long[] strides = {out.shape().dim(1) * width * channels, 1, 2 * width * channels, 2 * channels};
    memory.desc to = new memory.desc(dims, OneDnn.type(out.dtype()), strides);
    builder
        .primitive(
            "scatter",
            new reorder.primitive_desc(
                builder.engine(), from, builder.engine(), to, OneDnn.attributes(), false))
        .with(DNNL_ARG_SRC, from, part)
        .with(
            DNNL_ARG_DST,
            to,
            out.storage(),
            (row * width + column) * channels * out.dtype().bytes());
  }

  /** The four kernels {@code [O, I, 2, 2]}: of even rows and columns, odd columns, … */
  private static List<HostTensor> kernels(HostTensor weight) {
    Shape shape = weight.shape();
    float[] w = weight.toFloats();
    return List.of(
        kernel(weight.name(), shape, w, 0, 0),
        kernel(weight.name(), shape, w, 0, 1),
        kernel(weight.name(), shape, w, 1, 0),
        kernel(weight.name(), shape, w, 1, 1));
  }

  private static HostTensor kernel(String name, Shape shape, float[] w, int row, int column) {
    int filters = shape.dim(0) * shape.dim(1);
    float[] sums = new float[filters * 4];
    for (int filter = 0; filter < filters; filter++) {
      for (int y = 0; y < KERNEL; y++) {
        for (int x = 0; x < KERNEL; x++) {
          int to = filter * 4 + 2 * tap(y, row) + tap(x, column);
          sums[to] += w[(filter * KERNEL + y) * KERNEL + x];
        }
      }
    }
    return HostTensor.of(name, Shape.of(shape.dim(0), shape.dim(1), 2, 2), sums);
  }

  /** Which of the small image's two rows lies under row {@code tap} of the kernel. */
  private static int tap(int tap, int odd) {
    return odd == 0 ? (tap + 1) / 2 : tap / 2;
  }
}
