package io.densepure.compute;

import io.densepure.compute.OpCase.Precision;
import java.util.List;

/** Cases of the operations that change the extents of images. */
final class ResamplingCases {
  private ResamplingCases() {}

  static void addTo(List<OpCase> cases) {
    cases.add(upsample(2, 4, 4, 64));
    cases.add(upsample(1, 3, 5, 7));
    cases.add(upsample(2, 1, 1, 1));

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
}
