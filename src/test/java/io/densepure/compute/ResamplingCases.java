package io.densepure.compute;

import io.densepure.compute.OpCase.Precision;
import java.util.List;

/** Cases of the operations that change the extents of images. */
final class ResamplingCases {
  private static final float INF = Float.POSITIVE_INFINITY;

  private static final Precision INTERPOLATED = Precision.sum(16);

  private ResamplingCases() {}

  static void addTo(List<OpCase> cases) {
    cases.add(upsample(2, 4, 4, 64));
    cases.add(upsample(1, 3, 5, 7));
    cases.add(upsample(2, 1, 1, 1));

    cases.add(upsampledConv(2, 4, 4, 64, 32, true));
    cases.add(upsampledConv(1, 3, 5, 7, 19, false));
    cases.add(upsampledConv(2, 1, 1, 16, 16, true));
    cases.add(upsampledConvNan());

    cases.add(avgPool(2, 8, 8, 32, 2, 2));
    cases.add(avgPool(1, 7, 9, 16, 2, 2)); // a row and a column left over
    cases.add(avgPool(1, 6, 5, 7, 3, 1));
    cases.add(avgPool(2, 8, 8, 3, 3, 2));
    cases.add(avgPool(3, 7, 7, 64, 7, 7));
    cases.add(avgPool(1, 5, 5, 8, 1, 2));
    cases.add(
        OpCase.of("avgPool2d", "2×2 s2 [1, 4, 4, 16] NaN")
            .activations(1, 4, 4, 16)
            .nan(100)
            .precision(Precision.sum(4))
            .flops(256)
            .build((ops, x) -> ops.avgPool2d(x.get(0), 2, 2)));

    cases.add(maxPool(2, 8, 8, 32, 3, 2, 1));
    cases.add(maxPool(1, 7, 9, 7, 3, 2, 1));
    cases.add(maxPool(2, 5, 6, 3, 2, 2, 0)); // a row left over
    cases.add(maxPool(1, 4, 4, 16, 4, 1, 2));
    cases.add(maxPool(1, 3, 3, 5, 1, 2, 0));
    cases.add(
        OpCase.of("maxPool2d", "3×3 s2 p1 [1, 4, 4, 16] NaN")
            .activations(1, 4, 4, 16)
            .nan(0, 101, 255)
            .precision(Precision.EXACT)
            .build((ops, x) -> ops.maxPool2d(x.get(0), 3, 2, 1)));
    cases.add(
        OpCase.of("maxPool2d", "3×3 s1 p1 [1, 3, 3, 1] infinity")
            .activations(Shape.of(1, 3, 3, 1), f(-INF, -INF, 0, -INF, -INF, 1, -INF, INF, 2))
            .precision(Precision.EXACT)
            .build((ops, x) -> ops.maxPool2d(x.get(0), 3, 1, 1)));

    cases.add(bicubic(2, 8, 8, 3, 14, 14));
    cases.add(bicubic(1, 16, 16, 3, 14, 14));
    cases.add(bicubic(1, 5, 7, 4, 11, 3));
    cases.add(bicubic(2, 1, 2, 1, 3, 5));
    cases.add(bicubic(1, 6, 6, 3, 6, 6));
    cases.add(
        OpCase.of("resizeBicubic", "[1, 4, 4, 3] to 8×8 NaN")
            .floats(1, 4, 4, 3)
            .nan(20)
            .precision(INTERPOLATED)
            .build((ops, x) -> ops.resizeBicubic(x.get(0), 8, 8)));

    cases.add(
        OpCase.of("toBytes", "[2, 5, 5, 3] around [0, 1]")
            .floats(2, 5, 5, 3)
            .precision(Precision.EXACT)
            .build((ops, x) -> ops.toBytes(x.get(0))));
    cases.add(
        OpCase.of("toBytes", "extremes")
            .floats(
                Shape.of(10), f(0, -0f, 1, 0.99999994f, 1.2f, -0.3f, 1e6f, 1e8f, INF, Float.NaN))
            .precision(Precision.EXACT)
            .build((ops, x) -> ops.toBytes(x.get(0))));

    cases.add(bytes(2, 8, 8, 3, 28, 28));
    cases.add(bytes(1, 23, 17, 3, 9, 6));
    cases.add(bytes(1, 5, 6, 1, 5, 11));
    cases.add(bytes(2, 1, 1, 4, 3, 3));
    cases.add(
        OpCase.of("resizeBytes", "[1, 4, 4, 3] to 8×8 NaN")
            .floats(Shape.of(1, 4, 4, 3), levels(48))
            .nan(20)
            .precision(Precision.EXACT)
            .build((ops, x) -> ops.resizeBytes(x.get(0), 8, 8)));

    cases.add(concat(2, 4, 4, 64, 32));
    cases.add(concat(1, 3, 5, 7, 5));
    cases.add(
        OpCase.of("concatChannels", "[2, 9, 16] with itself")
            .activations(2, 9, 16)
            .precision(Precision.EXACT)
            .build((ops, x) -> ops.concatChannels(x.get(0), x.get(0))));
    cases.add(
        OpCase.of("concatChannels", "[3, 1] with [3, 4]")
            .activations(3, 1)
            .activations(3, 4)
            .precision(Precision.EXACT)
            .build((ops, x) -> ops.concatChannels(x.get(0), x.get(1))));
  }

  static OpCase upsample(int n, int h, int w, int c) {
    return OpCase.of("upsampleNearest2x", Shape.of(n, h, w, c).toString())
        .activations(n, h, w, c)
        .precision(Precision.EXACT)
        .build((ops, x) -> ops.upsampleNearest2x(x.get(0)));
  }

  static OpCase upsampledConv(int n, int h, int w, int in, int out, boolean biased) {
    Shape x = Shape.of(n, h, w, in);
    OpCase.Builder builder =
        OpCase.of("upsampledConv2d", x + " → " + out + (biased ? "" : " no bias"));
    builder.activations(x, 0, 1).precision(Precision.product(9L * in));
    HostTensor weight = builder.weight(0, 1 / Math.sqrt(9.0 * in), out, in, 3, 3);
    HostTensor bias = biased ? builder.weight(0, 0.5, out) : null;
    return builder
        .flops(2L * n * 4 * h * w * in * out * 9)
        .build((ops, inputs) -> ops.upsampledConv2d(inputs.get(0), weight, bias));
  }

  private static OpCase upsampledConvNan() {
    OpCase.Builder builder = OpCase.of("upsampledConv2d", "[1, 5, 5, 16] → 8 NaN");
    builder.activations(1, 5, 5, 16).nan(16 * 12 + 3).precision(Precision.product(9 * 16));
    HostTensor weight = builder.weight(0, 0.1, 8, 16, 3, 3);
    return builder
        .flops(2L * 100 * 16 * 8 * 9)
        .build((ops, x) -> ops.upsampledConv2d(x.get(0), weight, null));
  }

  static OpCase concat(int n, int h, int w, int c, int other) {
    return OpCase.of("concatChannels", Shape.of(n, h, w, c) + " with " + Shape.of(n, h, w, other))
        .activations(n, h, w, c)
        .activations(n, h, w, other)
        .precision(Precision.EXACT)
        .build((ops, x) -> ops.concatChannels(x.get(0), x.get(1)));
  }

  private static OpCase avgPool(int n, int h, int w, int c, int size, int stride) {
    int oh = (h - size) / stride + 1;
    int ow = (w - size) / stride + 1;
    return OpCase.of(
            "avgPool2d", "%d×%d s%d %s".formatted(size, size, stride, Shape.of(n, h, w, c)))
        .activations(n, h, w, c)
        .precision(Precision.sum((long) size * size))
        .flops((long) n * oh * ow * c * size * size)
        .build((ops, x) -> ops.avgPool2d(x.get(0), size, stride));
  }

  private static OpCase maxPool(int n, int h, int w, int c, int size, int stride, int padding) {
    return OpCase.of(
            "maxPool2d",
            "%d×%d s%d p%d %s".formatted(size, size, stride, padding, Shape.of(n, h, w, c)))
        .activations(n, h, w, c)
        .precision(Precision.EXACT)
        .build((ops, x) -> ops.maxPool2d(x.get(0), size, stride, padding));
  }

  private static OpCase bicubic(int n, int h, int w, int c, int height, int width) {
    return OpCase.of("resizeBicubic", "%s to %d×%d".formatted(Shape.of(n, h, w, c), height, width))
        .floats(n, h, w, c)
        .precision(INTERPOLATED)
        .flops(8L * n * c * width * (h + height))
        .build((ops, x) -> ops.resizeBicubic(x.get(0), height, width));
  }

  private static OpCase bytes(int n, int h, int w, int c, int height, int width) {
    return OpCase.of("resizeBytes", "%s to %d×%d".formatted(Shape.of(n, h, w, c), height, width))
        .floats(Shape.of(n, h, w, c), levels(n * h * w * c))
        .precision(Precision.EXACT)
        .build((ops, x) -> ops.resizeBytes(x.get(0), height, width));
  }

  /** Bytes with all the large steps that rounding could get wrong. */
  private static float[] levels(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i * 151 % 256;
    }
    return values;
  }

  private static float[] f(float... values) {
    return values;
  }
}
