package io.densepure.compute;

import io.densepure.compute.OpCase.Precision;
import java.util.List;

/** Cases of {@link Ops#groupNorm}, {@link Ops#layerNorm} and {@link Ops#channelAffine}. */
final class NormCases {
  /** Statistics in float32; in 16 bits the norm may be rounded once more before the activation. */
  private static final Precision NORM = new Precision(16, 1, 0);

  private static final Precision NORM_THEN_ACTIVATION = new Precision(24, 2, 0.5);

  private NormCases() {}

  static void addTo(List<OpCase> cases) {
    for (Activation activation : Activation.values()) {
      cases.add(groupNorm(Shape.of(2, 6, 5, 64), 32, 0, activation));
      cases.add(groupNorm(Shape.of(3, 4, 4, 32), 8, 3, activation));
    }
    cases.add(groupNorm(Shape.of(3, 6, 5, 64), 32, 1, Activation.SILU));
    cases.add(groupNorm(Shape.of(1, 6, 5, 64), 32, 1, Activation.NONE));
    cases.add(groupNorm(Shape.of(2, 49, 64), 32, 0, Activation.NONE));
    cases.add(groupNorm(Shape.of(2, 10, 48), 4, 2, Activation.SILU));
    cases.add(groupNorm(Shape.of(2, 10, 48), 4, 1, Activation.SILU));
    cases.add(groupNorm(Shape.of(2, 4, 4, 96), 3, 0, Activation.NONE)); // wide groups
    cases.add(groupNorm(Shape.of(2, 4, 4, 96), 3, 2, Activation.SILU));
    // One group, as many groups as channels, channels that fill no vector, one pixel.
    cases.add(groupNorm(Shape.of(2, 5, 3, 7), 1, 0, Activation.SILU));
    cases.add(groupNorm(Shape.of(2, 5, 3, 7), 7, 2, Activation.SILU));
    cases.add(groupNorm(Shape.of(2, 5, 3, 15), 3, 2, Activation.RELU));
    cases.add(groupNorm(Shape.of(2, 1, 1, 64), 8, 0, Activation.NONE));
    cases.add(farFromZero());
    cases.add(constant());
    cases.add(largeEps());
    cases.add(nan());

    cases.add(layerNorm(Shape.of(2, 17, 48), 0.3, 2, 1e-6f));
    cases.add(layerNorm(Shape.of(3, 5, 768), 0.3, 2, 1e-12f));
    cases.add(layerNorm(Shape.of(4, 1024), 0, 1, 1e-6f));
    cases.add(layerNorm(Shape.of(2, 3, 1300), 0, 1, 1e-6f));
    cases.add(layerNorm(Shape.of(3, 5, 7), -1, 1, 1e-5f)); // channels that fill no vector
    cases.add(layerNorm(Shape.of(2, 3, 1), 5, 1, 1e-5f)); // no variance at all
    cases.add(layerNorm(Shape.of(2, 9, 64), 0, 1e-3, 1e-2f)); // eps counts
    cases.add(layerNormFarFromZero());
    cases.add(layerNormNan());

    cases.add(affineNan());
    cases.add(affine(Shape.of(2, 6, 5, 64), Activation.NONE));
    cases.add(affine(Shape.of(2, 6, 5, 64), Activation.RELU));
    cases.add(affine(Shape.of(2, 6, 5, 3), Activation.NONE));
    cases.add(affine(Shape.of(3, 7, 37), Activation.SILU));
    cases.add(affine(Shape.of(5, 16), Activation.GELU));
  }

  /** Tokens with 32 groups. */
  static OpCase tokens(int n, int count, int channels) {
    return groupNorm(Shape.of(n, count, channels), 32, 0, Activation.NONE);
  }

  /** Square images with 32 groups and a modulation shared by all. */
  static OpCase image(int n, int size, int channels, Activation activation) {
    return groupNorm(Shape.of(n, size, size, channels), 32, 1, activation);
  }

  /**
   * @param modulations rows of scaleShift, 0 for none
   */
  private static OpCase groupNorm(Shape x, int groups, int modulations, Activation activation) {
    int channels = x.dim(-1);
    String variant =
        "%s in %d%s%s"
            .formatted(
                x,
                groups,
                modulations == 0 ? "" : " scaleShift " + Shape.of(modulations, 2 * channels),
                activation == Activation.NONE ? "" : " " + activation.name().toLowerCase());
    OpCase.Builder builder = OpCase.of("groupNorm", variant);
    builder.activations(x, 0.3, 2);
    if (modulations > 0) {
      builder.floats(modulations, 2 * channels);
    }
    HostTensor weight = builder.weight(1, 0.5, channels);
    HostTensor bias = builder.weight(0, 0.5, channels);
    return builder
        .precision(activation == Activation.NONE ? NORM : NORM_THEN_ACTIVATION)
        .flops(x.elements() * 8)
        .build(
            (ops, in) -> {
              Tensor modulation = modulations == 0 ? null : in.get(1);
              return ops.groupNorm(in.get(0), weight, bias, groups, 1e-5f, modulation, activation);
            });
  }

  /** The mean a hundred times the deviation: E[x²] − E[x]² in float32 would lose the variance. */
  private static OpCase farFromZero() {
    OpCase.Builder builder = OpCase.of("groupNorm", "[2, 8, 8, 32] in 8 mean 100");
    builder.activations(Shape.of(2, 8, 8, 32), 100, 1);
    HostTensor weight = builder.weight(1, 0.5, 32);
    HostTensor bias = builder.weight(0, 0.5, 32);
    return builder
        .precision(new Precision(16 + 4 * 100, 1, 0)) // x − mean has the rounding error of the mean
        .flops(2L * 64 * 32 * 8)
        .build(
            (ops, in) -> ops.groupNorm(in.get(0), weight, bias, 8, 1e-5f, null, Activation.NONE));
  }

  /** No variance at all: the result is the bias. */
  private static OpCase constant() {
    OpCase.Builder builder = OpCase.of("groupNorm", "[1, 4, 4, 16] in 4 constant");
    builder.activations(Shape.of(1, 4, 4, 16), 0.75, 0);
    HostTensor weight = builder.weight(1, 0.5, 16);
    HostTensor bias = builder.weight(0, 0.5, 16);
    return builder
        .precision(NORM)
        .flops(16L * 16 * 8)
        .build(
            (ops, in) -> ops.groupNorm(in.get(0), weight, bias, 4, 1e-5f, null, Activation.NONE));
  }

  private static OpCase largeEps() {
    OpCase.Builder builder = OpCase.of("groupNorm", "[1, 4, 4, 16] in 4 eps 0.5");
    builder.activations(1, 4, 4, 16);
    HostTensor weight = builder.weight(1, 0.5, 16);
    HostTensor bias = builder.weight(0, 0.5, 16);
    return builder
        .precision(NORM)
        .flops(16L * 16 * 8)
        .build((ops, in) -> ops.groupNorm(in.get(0), weight, bias, 4, 0.5f, null, Activation.NONE));
  }

  /** One NaN makes its group of its image NaN, and nothing else. */
  private static OpCase nan() {
    OpCase.Builder builder = OpCase.of("groupNorm", "[2, 5, 5, 32] in 8 silu NaN");
    builder.activations(2, 5, 5, 32).nan(32 * 31 + 5);
    HostTensor weight = builder.weight(1, 0.5, 32);
    HostTensor bias = builder.weight(0, 0.5, 32);
    return builder
        .precision(NORM_THEN_ACTIVATION)
        .flops(2L * 25 * 32 * 8)
        .build(
            (ops, in) -> ops.groupNorm(in.get(0), weight, bias, 8, 1e-5f, null, Activation.SILU));
  }

  static OpCase layerNorm(Shape x, double mean, double deviation, float eps) {
    return layerNorm(x + " eps " + eps, x, mean, deviation, eps, NORM);
  }

  /** See {@link #farFromZero}. */
  private static OpCase layerNormFarFromZero() {
    Precision precision = new Precision(16 + 4 * 100, 1, 0);
    return layerNorm("[2, 6, 96] mean 100", Shape.of(2, 6, 96), 100, 1, 1e-6f, precision);
  }

  private static OpCase layerNorm(
      String variant, Shape x, double mean, double deviation, float eps, Precision precision) {
    OpCase.Builder builder = OpCase.of("layerNorm", variant);
    builder.activations(x, mean, deviation);
    HostTensor weight = builder.weight(1, 0.5, x.dim(-1));
    HostTensor bias = builder.weight(0, 0.5, x.dim(-1));
    return builder
        .precision(precision)
        .flops(x.elements() * 8)
        .build((ops, in) -> ops.layerNorm(in.get(0), weight, bias, eps));
  }

  /** One NaN makes its token NaN, and nothing else. */
  private static OpCase layerNormNan() {
    OpCase.Builder builder = OpCase.of("layerNorm", "[2, 5, 32] NaN");
    builder.activations(2, 5, 32).nan(32 * 3 + 5);
    HostTensor weight = builder.weight(1, 0.5, 32);
    HostTensor bias = builder.weight(0, 0.5, 32);
    return builder
        .precision(NORM)
        .flops(2L * 5 * 32 * 8)
        .build((ops, in) -> ops.layerNorm(in.get(0), weight, bias, 1e-6f));
  }

  private static OpCase affineNan() {
    OpCase.Builder builder = OpCase.of("channelAffine", "[2, 7, 16] relu NaN");
    builder.activations(2, 7, 16).nan(0, 40, 100);
    HostTensor scale = builder.weight(1, 0.5, 16);
    HostTensor shift = builder.weight(0, 0.5, 16);
    return builder
        .flops(2L * 2 * 7 * 16)
        .build((ops, in) -> ops.channelAffine(in.get(0), scale, shift, Activation.RELU));
  }

  static OpCase affine(Shape x, Activation activation) {
    String name = activation == Activation.NONE ? "" : " " + activation.name().toLowerCase();
    OpCase.Builder builder = OpCase.of("channelAffine", x + name);
    builder.activations(x.toArray());
    HostTensor scale = builder.weight(1, 0.5, x.dim(-1));
    HostTensor shift = builder.weight(0, 0.5, x.dim(-1));
    return builder
        .flops(2 * x.elements())
        .build((ops, in) -> ops.channelAffine(in.get(0), scale, shift, activation));
  }
}
