package io.densepure.compute.cpu;

import static io.densepure.compute.cpu.WinogradTransforms.COMPONENTS;
import static io.densepure.compute.cpu.WinogradTransforms.KERNEL;
import static io.densepure.compute.cpu.WinogradTransforms.PIXELS;
import static io.densepure.compute.cpu.WinogradTransforms.RESULTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.compute.cpu.StepBuilder.Reusable;
import io.densepure.compute.cpu.WinogradTransforms.Taps;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.BytePointer;

/**
 * A 3×3 convolution with a quarter of the multiplications, see {@link WinogradTransforms}. Tiles of
 * the image are transformed by depthwise convolutions of stride 4, along rows and then along
 * columns, one for each of six components. The 36 components of all tiles are multiplied by those
 * of the kernels; a product with a constant matrix turns 36 components into 16 pixels, which are
 * copied to their places.
 *
 * <p>Some hundred tiles at a time, so that all of it stays in the cache; steps take turns in
 * reading from one buffer and writing to the other.
 *
 * <p>Most of the rounding errors are those of the sums over channels, and grow with the number of
 * these. So sums are made in parts of at most 128 channels, but at least in two; these channels are
 * set apart at the start.
 *
 * <p>A pixel that is NaN or infinite makes all results of its tiles NaN.
 */
final class Winograd {
  /** With fewer the transforms cost more than they save. */
  private static final int LEAST_CHANNELS = 64;

  private static final int LEAST_SIDE = 8;

  /** Transformed kernels take four times the memory: not for the widest layers. */
  private static final long MOST_FILTERS = 1 << 19;

  private static final int MOST_TILES = 128;
  private static final int LEAST_SUMS = 2;
  private static final int LEAST_DEPTH = 16;
  private static final int MOST_DEPTH = 128;

  private record TapsKey(Taps taps, int channels, boolean alongRows) {}

  private record InverseKey() {}

  private record BiasKey(HostTensor bias, int pixels) {}

  /** The first product of a sum, those that are added to it, and what all are multiplied with. */
  private record Products(Reusable first, Reusable next, List<memory> kernels) {}

  private final CpuTensor x; // [N, H, W, I]
  private final HostTensor weight;
  private final HostTensor bias; // or null
  private final PostOps epilogue;
  private final int width;
  private final int in;
  private final int out;
  private final int across; // tiles of a row
  private final int down;
  private final int images; // at a time
  private final int rows; // of tiles of each of them, at a time
  private final int tiles; // at a time
  private final int sums; // which make one over all channels
  private final int depth; // channels of each

  Winograd(CpuTensor x, HostTensor weight, HostTensor bias, PostOps epilogue) {
    this.x = x;
    this.weight = weight;
    this.bias = bias;
    this.epilogue = epilogue;
    width = x.shape().dim(2);
    in = x.channels();
    out = epilogue.out().channels();
    across = width / RESULTS;
    down = x.shape().dim(1) / RESULTS;
    images = perPart(x.shape().dim(0), down * across);
    rows = perPart(down, across);
    tiles = images * rows * across;
    sums = sums(in);
    depth = in / sums;
  }

  /** In how many parts sums are made, or 0 if so many channels cannot be shared out. */
  private static int sums(int channels) {
    return IntStream.rangeClosed(LEAST_SUMS, channels / LEAST_DEPTH)
        .filter(n -> channels % n == 0 && channels / n <= MOST_DEPTH)
        .findFirst()
        .orElse(0);
  }

  /** The largest divisor of {@code count} with few enough tiles, at least 1. */
  private static int perPart(int count, int tilesOfOne) {
    return IntStream.iterate(count, n -> n > 1, n -> n - 1)
        .filter(n -> count % n == 0 && n * tilesOfOne <= MOST_TILES)
        .findFirst()
        .orElse(1);
  }

  /** Whether a convolution can be done this way and is the faster for it; whatever its batch. */
  static boolean suits(CpuTensor x, HostTensor weight, int stride, int padding, CpuTensor out) {
    int channels = weight.shape().dim(1);
    int filters = weight.shape().dim(0);
    return x.dtype() == DType.F32
        && out.dtype() == DType.F32
        && weight.shape().dim(2) == KERNEL
        && weight.shape().dim(3) == KERNEL
        && stride == 1
        && padding == 1
        && suits(x.shape().dim(1))
        && suits(x.shape().dim(2))
        && Math.min(channels, filters) >= LEAST_CHANNELS
        && sums(channels) > 0
        && (long) channels * filters <= MOST_FILTERS;
  }

  private static boolean suits(int side) {
    return side >= LEAST_SIDE && side % RESULTS == 0;
  }

  void build(StepBuilder builder) {
    long rowFloats = (long) PIXELS * images * (RESULTS * rows + 2) * across * in;
    long componentFloats = (long) COMPONENTS * tiles * out;
    Storage even = builder.scratch(Float.BYTES * Math.max(rowFloats, componentFloats));
    Storage odd = builder.scratch((long) Float.BYTES * COMPONENTS * tiles * Math.max(in, out));
    Products products = products(builder);
    Reusable inverse = builder.reusable("inverse", inverse(builder));
    Reusable placement = builder.reusable("placement", placement(builder));
    for (int image = 0; image < x.shape().dim(0); image += images) {
      for (int row = 0; row < down; row += rows) {
        separate(builder, image, row, odd);
        rowComponents(builder, row, odd, even);
        tileComponents(builder, row, even, odd);
        multiply(products, odd, even);
        for (int i = 0; i < images; i++) {
          invert(builder, inverse, even, i, odd);
          place(placement, odd, image + i, row);
        }
      }
    }
    finish(builder);
  }

  /** Whether the rows of tiles from {@code row} on begin at the image's upper edge. */
  private static boolean isTop(int row) {
    return row == 0;
  }

  private boolean isBottom(int row) {
    return row + rows == down;
  }

  /** Rows of pixels that these rows of tiles cover, without those beyond the image's edges. */
  private int pixelRows(int row) {
    return RESULTS * rows + (isTop(row) ? 0 : 1) + (isBottom(row) ? 0 : 1);
  }

  /** From {@code [images, pixel rows, W, I]} to {@code [sums, images, pixel rows, W, depth]}. */
  private void separate(StepBuilder builder, int image, int row, Storage to) {
    long lines = (long) images * pixelRows(row); // several images are whole ones
    long[] dims = {sums, lines * width, depth};
    memory.desc source = new memory.desc(dims, memory.data_type.f32, new long[] {depth, in, 1});
    memory.desc result = dense(memory.format_tag.abc, dims);
    long first = (long) image * x.shape().dim(1) + RESULTS * row - (isTop(row) ? 0 : 1);
    builder
        .primitive(
            "separation",
            new reorder.primitive_desc(
                builder.engine(), source, builder.engine(), result, OneDnn.attributes(), false))
        .with(DNNL_ARG_SRC, source, x.storage(), first * width * in * Float.BYTES)
        .with(DNNL_ARG_DST, result, to, 0);
  }

  /** Along rows: {@code [6, sums, images, pixel rows, across, depth]}. */
  private void rowComponents(StepBuilder builder, int row, Storage from, Storage to) {
    memory.desc source = layout(sums * images, pixelRows(row), width, depth);
    memory.desc result = layout(sums * images, pixelRows(row), across, depth);
    for (int i = 0; i < PIXELS; i++) {
      depthwise(builder, "rows", Taps.of(i, true, true), true, source, result)
          .with(DNNL_ARG_SRC, source, from, 0)
          .with(DNNL_ARG_DST, result, to, i * result.get_size());
    }
  }

  /** Along columns: {@code [6, 6, sums, images, rows, across, depth]}. */
  private void tileComponents(StepBuilder builder, int row, Storage from, Storage to) {
    int count = PIXELS * sums * images;
    memory.desc source = layout(count, pixelRows(row), across, depth);
    memory.desc result = layout(count, rows, across, depth);
    for (int i = 0; i < PIXELS; i++) {
      depthwise(builder, "columns", Taps.of(i, isTop(row), isBottom(row)), false, source, result)
          .with(DNNL_ARG_SRC, source, from, 0)
          .with(DNNL_ARG_DST, result, to, i * result.get_size());
    }
  }

  private PrimitiveStep depthwise(
      StepBuilder builder,
      String part,
      Taps taps,
      boolean alongRows,
      memory.desc source,
      memory.desc result) {
    int count = taps.values().size();
    long[] kernel = {depth, 1, 1, alongRows ? 1 : count, alongRows ? count : 1};
    var description =
        Convolution.describe(
            builder.engine(),
            source,
            kernel,
            false,
            result,
            along(alongRows, RESULTS, 1),
            along(alongRows, taps.before(), 0),
            along(alongRows, taps.after(), 0),
            new post_ops());
    HostTensor weights =
        builder.derived(new TapsKey(taps, depth, alongRows), () -> List.of(repeated(taps))).get(0);
    memory.desc plain = dense(memory.format_tag.abcde, kernel);
    return builder
        .primitive(part, description)
        .with(DNNL_ARG_WEIGHTS, builder.weight(weights, plain, description.weights_desc()));
  }

  /** For each channel the same, {@code [I, taps]}. */
  private HostTensor repeated(Taps taps) {
    int count = taps.values().size();
    float[] values = new float[depth * count];
    for (int i = 0; i < values.length; i++) {
      values[i] = taps.values().get(i % count);
    }
    return HostTensor.of("taps", Shape.of(depth, count), values);
  }

  private static long[] along(boolean rows, int value, int other) {
    return rows ? new long[] {other, value} : new long[] {value, other};
  }

  /**
   * {@code [36, sums, tiles, depth] · [36, sums, depth, O]}: as convolutions faster than as matrix
   * products.
   */
  private void multiply(Products products, Storage from, Storage to) {
    memory.desc source = layout(1, 1, tiles, depth);
    memory.desc result = layout(1, 1, tiles, out);
    for (int i = 0; i < COMPONENTS * sums; i++) {
      (i % sums == 0 ? products.first : products.next)
          .step()
          .with(DNNL_ARG_SRC, source, from, i * source.get_size())
          .with(DNNL_ARG_WEIGHTS, products.kernels.get(i))
          .with(DNNL_ARG_DST, result, to, i / sums * result.get_size());
    }
  }

  private Products products(StepBuilder builder) {
    memory.desc source = layout(1, 1, tiles, depth);
    memory.desc result = layout(1, 1, tiles, out);
    var first = product(builder, source, result, false);
    var next = product(builder, source, result, true);
    return new Products(
        builder.reusable("products", first),
        builder.reusable("products", next),
        kernels(builder, first.weights_desc()));
  }

  private convolution_forward.primitive_desc product(
      StepBuilder builder, memory.desc source, memory.desc result, boolean added) {
    post_ops postOps = new post_ops();
    if (added) {
      postOps.append_sum(1f, 0, memory.data_type.undef);
    }
    long[] kernel = {out, depth, 1, 1};
    return Convolution.describe(builder.engine(), source, kernel, false, result, postOps);
  }

  /** The kernels' components, each in the layout given. */
  private List<memory> kernels(StepBuilder builder, memory.desc component) {
    memory.desc plain = dense(memory.format_tag.abcd, out, in, KERNEL, KERNEL);
    long size = component.get_size();
    memory.desc all = OneDnn.vector(DType.F32, COMPONENTS * sums * size / Float.BYTES);
    memory laid = builder.weight(weight, plain, all, new WinogradKernels(in, out, sums, component));
    BytePointer start = new BytePointer(laid.get_data_handle());
    return IntStream.range(0, COMPONENTS * sums)
        .mapToObj(i -> new memory(component, builder.engine(), start.getPointer(i * size)))
        .toList();
  }

  /** Elements of one image's part of a component, or of one of the 16 results. */
  private long pixels() {
    return (long) rows * across * out;
  }

  /** {@code [16, 36] · [36, pixels]}, of one image at a time: the others' lie between. */
  private memory.desc componentsOfImage() {
    long[] strides = {(long) tiles * out, 1};
    return new memory.desc(new long[] {COMPONENTS, pixels()}, memory.data_type.f32, strides);
  }

  private matmul.primitive_desc inverse(StepBuilder builder) {
    post_ops postOps = new post_ops();
    if (epilogue.residual() == null) {
      OneDnn.append(postOps, epilogue.activation());
    }
    memory.desc matrix = OneDnn.matrix(DType.F32, RESULTS * RESULTS, COMPONENTS);
    memory.desc result = OneDnn.matrix(DType.F32, RESULTS * RESULTS, pixels());
    var attributes = OneDnn.attributes(postOps);
    return bias == null
        ? new matmul.primitive_desc(
            builder.engine(), matrix, componentsOfImage(), result, attributes, false)
        : new matmul.primitive_desc(
            builder.engine(),
            matrix,
            componentsOfImage(),
            OneDnn.matrix(DType.F32, 1, pixels()),
            result,
            attributes,
            false);
  }

  private void invert(StepBuilder builder, Reusable inverse, Storage from, int image, Storage to) {
    memory.desc matrix = OneDnn.matrix(DType.F32, RESULTS * RESULTS, COMPONENTS);
    memory.desc result = OneDnn.matrix(DType.F32, RESULTS * RESULTS, pixels());
    HostTensor values =
        builder.derived(new InverseKey(), () -> List.of(WinogradTransforms.inverse())).get(0);
    PrimitiveStep step =
        inverse
            .step()
            .with(DNNL_ARG_SRC, builder.weight(values, matrix, matrix))
            .with(DNNL_ARG_WEIGHTS, componentsOfImage(), from, image * pixels() * Float.BYTES)
            .with(DNNL_ARG_DST, result, to, 0);
    if (bias != null) {
      memory.desc row = OneDnn.matrix(DType.F32, 1, pixels());
      HostTensor biases =
          builder.derived(new BiasKey(bias, rows * across), () -> List.of(biasOfTiles())).get(0);
      step.with(DNNL_ARG_BIAS, builder.weight(biases, row, row));
    }
  }

  /** The bias once for each tile of an image's part. */
  private HostTensor biasOfTiles() {
    float[] ofTile = bias.toFloats();
    float[] values = new float[Math.toIntExact(pixels())];
    for (int i = 0; i < values.length; i++) {
      values[i] = ofTile[i % out];
    }
    return HostTensor.of(bias.name(), Shape.of(values.length), values);
  }

  /** From {@code [4, 4, rows, across, O]} to {@code [rows, 4, across, 4, O]}. */
  private reorder.primitive_desc placement(StepBuilder builder) {
    post_ops postOps = new post_ops();
    if (epilogue.residual() != null && epilogue.isOverwritten()) {
      postOps.append_sum(1f, 0, memory.data_type.undef);
    }
    return new reorder.primitive_desc(
        builder.engine(), apart(), builder.engine(), inPlace(), OneDnn.attributes(postOps), false);
  }

  private memory.desc apart() {
    return dense(memory.format_tag.abcde, RESULTS, RESULTS, rows, across, out);
  }

  private memory.desc inPlace() {
    long line = (long) width * out;
    long[] dims = {RESULTS, RESULTS, rows, across, out};
    long[] strides = {line, out, RESULTS * line, (long) RESULTS * out, 1};
    return new memory.desc(dims, memory.data_type.f32, strides);
  }

  private void place(Reusable placement, Storage from, int image, int row) {
    long first = (long) image * x.shape().dim(1) + RESULTS * row;
    placement
        .step()
        .with(DNNL_ARG_SRC, apart(), from, 0)
        .with(DNNL_ARG_DST, inPlace(), epilogue.out().storage(), first * width * out * Float.BYTES);
  }

  /** What of the epilogue could not be done on the way. */
  private void finish(StepBuilder builder) {
    CpuTensor result = epilogue.out();
    if (epilogue.residual() == null) {
      return;
    }
    if (!epilogue.isOverwritten()) {
      Pointwise.add(builder, "residual", result, epilogue.residual(), result);
    }
    if (epilogue.activation() != Activation.NONE) {
      Pointwise.activation(builder, "activation", result, result, epilogue.activation());
    }
  }

  private static memory.desc layout(int count, int height, int width, int channels) {
    return OneDnn.images(DType.F32, Shape.of(count, height, width, channels));
  }

  private static memory.desc dense(memory.format_tag order, long... dims) {
    return new memory.desc(dims, memory.data_type.f32, order);
  }
}
