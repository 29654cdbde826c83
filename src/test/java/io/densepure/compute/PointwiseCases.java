package io.densepure.compute;

import io.densepure.compute.OpCase.Precision;
import java.util.List;

/** Cases of the operations on each element. */
final class PointwiseCases {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  private PointwiseCases() {}

  static void addTo(List<OpCase> cases) {
    for (Activation activation : Activation.values()) {
      String name = activation.name().toLowerCase();
      Precision precision =
          activation == Activation.SILU || activation == Activation.GELU
              ? Precision.ROUNDED
              : Precision.EXACT;
      cases.add(
          OpCase.of("activate", name + " [2, 5, 7, 33]")
              .activations(Shape.of(2, 5, 7, 33), 0, 3)
              .precision(precision)
              .flops(2 * 5 * 7 * 33)
              .build((ops, x) -> ops.activate(x.get(0), activation)));
      cases.add(
          OpCase.of("activate", name + " extremes")
              .activations(Shape.of(9), f(NAN, 0, -0f, 1e-3f, -1e-3f, 90, -90, 1e4f, -1e4f))
              .precision(precision)
              .flops(10)
              .build((ops, x) -> ops.activate(x.get(0), activation)));
    }

    cases.add(
        OpCase.of("add", "[2, 3, 5, 7]")
            .activations(2, 3, 5, 7)
            .activations(2, 3, 5, 7)
            .precision(Precision.EXACT)
            .flops(210)
            .build((ops, x) -> ops.add(x.get(0), x.get(1))));
    cases.add(
        OpCase.of("add", "a tensor to itself")
            .activations(4, 33)
            .precision(Precision.EXACT)
            .flops(132)
            .build((ops, x) -> ops.add(x.get(0), x.get(0))));
    cases.add(
        OpCase.of("add", "NaN and infinity")
            .activations(Shape.of(4), f(NAN, INF, INF, 1))
            .activations(Shape.of(4), f(1, 1, -INF, NAN))
            .precision(Precision.EXACT)
            .flops(4)
            .build((ops, x) -> ops.add(x.get(0), x.get(1))));

    cases.add(addPerImage(3, 3, 64));
    cases.add(addPerImage(3, 1, 64));
    cases.add(addPerImage(2, 2, 7));

    cases.add(
        OpCase.of("combine", "2x − 3y + 0.5")
            .floats(2, 5, 5, 3)
            .floats(2, 5, 5, 3)
            .precision(Precision.EXACT)
            .flops(600)
            .build((ops, x) -> ops.combine(2.1f, x.get(0), -3.3f, x.get(1), 0.7f)));
    cases.add(
        OpCase.of("combine", "2x − 1")
            .floats(2, 5, 5, 3)
            .precision(Precision.EXACT)
            .flops(300)
            .build((ops, x) -> ops.combine(2, x.get(0), 0, null, -1)));
    cases.add(
        OpCase.of("combine", "NaN and infinity")
            .floats(Shape.of(4), f(NAN, INF, 1, 2))
            .floats(Shape.of(4), f(1, INF, NAN, 3))
            .precision(Precision.EXACT)
            .flops(16)
            .build((ops, x) -> ops.combine(1, x.get(0), -1, x.get(1), 1)));

    for (DType to : new DType[] {DType.F32, DType.BF16, DType.F16}) {
      cases.add(
          OpCase.of("cast", "[3, 5, 11] to " + to.label())
              .activations(3, 5, 11)
              .needs(to)
              .precision(Precision.EXACT)
              .build((ops, x) -> ops.cast(x.get(0), to)));
      cases.add(
          OpCase.of("cast", "extremes to " + to.label())
              .activations(Shape.of(9), f(NAN, INF, -INF, 0, -0f, 65519, 70000, 3e38f, 1.00390625f))
              .needs(to)
              .precision(Precision.EXACT)
              .build((ops, x) -> ops.cast(x.get(0), to)));
    }
    cases.add(
        OpCase.of("reshape", "[2, 3, 4, 5] to [2, 12, 5] and an addition")
            .activations(2, 3, 4, 5)
            .activations(2, 12, 5)
            .precision(Precision.EXACT)
            .flops(120)
            .build((ops, x) -> ops.add(ops.reshape(x.get(0), Shape.of(2, 12, 5)), x.get(1))));
  }

  private static float[] f(float... values) {
    return values;
  }

  private static OpCase addPerImage(int n, int vectors, int channels) {
    return OpCase.of(
            "addPerImage", Shape.of(n, 4, 5, channels) + " + " + Shape.of(vectors, channels))
        .activations(n, 4, 5, channels)
        .floats(vectors, channels)
        .precision(Precision.EXACT)
        .flops(n * 20L * channels)
        .build((ops, x) -> ops.addPerImage(x.get(0), x.get(1)));
  }
}
