package io.densepure.compute;

import io.densepure.compute.OpCase.Precision;
import java.util.List;

/** Cases of {@link Ops#conv2d}. */
final class ConvCases {
  private final int n;
  private final int h;
  private final int w;
  private final int in;
  private final int out;
  private int kh = 1;
  private int kw = 1;
  private int stride = 1;
  private int padding;
  private boolean bias = true;
  private boolean residual;
  private Activation activation = Activation.NONE;
  private DType outType;

  private ConvCases(int n, int h, int w, int in, int out) {
    this.n = n;
    this.h = h;
    this.w = w;
    this.in = in;
    this.out = out;
  }

  static void addTo(List<OpCase> cases) {
    // Kernels, strides, paddings; sides that are odd, unequal, or leave a remainder.
    cases.add(conv(2, 7, 5, 16, 32).build());
    cases.add(conv(2, 7, 5, 16, 32).stride(2).build());
    cases.add(conv(1, 4, 4, 8, 8).padding(1).build());
    cases.add(conv(2, 8, 8, 32, 32).kernel(3, 3).padding(1).build());
    cases.add(conv(1, 9, 6, 16, 48).kernel(3, 3).build());
    cases.add(conv(2, 8, 8, 16, 16).kernel(3, 3).padding(1).stride(2).build());
    cases.add(conv(2, 9, 7, 16, 16).kernel(3, 3).padding(1).stride(2).build());
    cases.add(conv(1, 11, 10, 8, 8).kernel(3, 3).padding(2).stride(3).build());
    cases.add(conv(2, 17, 15, 3, 16).kernel(7, 7).padding(3).stride(2).build());
    cases.add(conv(1, 8, 8, 16, 16).kernel(5, 5).padding(2).build());
    cases.add(conv(1, 8, 8, 16, 16).kernel(2, 2).stride(2).build());
    cases.add(conv(1, 6, 9, 8, 8).kernel(1, 3).padding(1).build());
    cases.add(conv(3, 4, 4, 16, 24).kernel(4, 4).build());
    cases.add(conv(1, 1, 1, 32, 32).kernel(3, 3).padding(1).build());
    // The shortcuts of Wide-ResNet 28-10, which oneDNN in libtorch 2.7.1 gets wrong.
    cases.add(conv(2, 8, 8, 160, 320).build());
    cases.add(conv(2, 8, 8, 160, 320).stride(2).build());
    // Channels that fill no vector.
    cases.add(conv(2, 6, 6, 3, 64).kernel(3, 3).padding(1).build());
    cases.add(conv(2, 6, 6, 64, 6).kernel(3, 3).padding(1).as(DType.F32).build());
    cases.add(conv(2, 6, 6, 1, 1).kernel(3, 3).padding(1).build());
    cases.add(conv(2, 5, 7, 37, 19).kernel(3, 3).padding(1).build());
    cases.add(conv(2, 5, 7, 37, 19).build());
    cases.add(conv(1, 5, 5, 160, 130).kernel(3, 3).padding(1).build());
    // Many channels and sides of a multiple of four, which some devices do by Winograd's scheme:
    // many images at once, and one in several parts.
    cases.add(conv(3, 8, 12, 64, 96).kernel(3, 3).padding(1).build());
    cases.add(conv(2, 16, 16, 96, 64).kernel(3, 3).padding(1).noBias().build());
    cases.add(conv(1, 12, 352, 64, 64).kernel(3, 3).padding(1).build());
    cases.add(conv(1, 8, 8, 384, 64).kernel(3, 3).padding(1).build());
    cases.add(conv(1, 8, 8, 67, 64).kernel(3, 3).padding(1).build());
    for (Activation activation : Activation.values()) {
      cases.add(conv(2, 8, 8, 64, 64).kernel(3, 3).padding(1).then(activation).build());
      cases.add(conv(2, 8, 8, 64, 64).kernel(3, 3).padding(1).residual().then(activation).build());
    }
    // Epilogues.
    for (Activation activation : Activation.values()) {
      cases.add(conv(2, 6, 5, 16, 32).kernel(3, 3).padding(1).residual().then(activation).build());
      cases.add(conv(2, 6, 5, 16, 32).residual().then(activation).build());
    }
    cases.add(conv(2, 5, 7, 5, 7).kernel(3, 3).padding(1).residual().then(Activation.RELU).build());
    cases.add(conv(2, 6, 5, 16, 32).kernel(3, 3).padding(1).then(Activation.RELU).build());
    cases.add(conv(2, 6, 5, 16, 32).kernel(3, 3).padding(1).noBias().build());
    cases.add(
        conv(2, 6, 5, 16, 32)
            .kernel(3, 3)
            .padding(1)
            .noBias()
            .residual()
            .then(Activation.SILU)
            .as(DType.F32)
            .build());
    cases.add(residualIsInput());
    cases.add(nan(3, 1));
    cases.add(nan(1, 0));
  }

  /** A residual that the convolution still reads while it writes: it must not be overwritten. */
  private static OpCase residualIsInput() {
    OpCase.Builder builder = OpCase.of("conv2d", "3×3 p1 [2, 6, 6, 16] → 16 +its own input");
    builder.activations(2, 6, 6, 16).precision(Precision.product(9 * 16));
    HostTensor weight = builder.weight(0, 1.0 / 12, 16, 16, 3, 3);
    return builder
        .flops(2L * 2 * 36 * 16 * 16 * 9)
        .build((ops, x) -> ops.conv2d(x.get(0), weight, null, 1, 1, Epilogue.residual(x.get(0))));
  }

  /** One NaN spreads as far as the kernel reaches, through the activation, and no further. */
  private static OpCase nan(int kernel, int padding) {
    String variant = "%d×%d [2, 6, 6, 16] → 24 relu NaN".formatted(kernel, kernel);
    OpCase.Builder builder = OpCase.of("conv2d", variant);
    builder
        .activations(2, 6, 6, 16)
        .nan(16 * 15 + 3)
        .precision(Precision.product(16L * kernel * kernel));
    HostTensor weight = builder.weight(0, 0.1, 24, 16, kernel, kernel);
    return builder
        .flops(2L * 2 * 36 * 16 * 24 * kernel * kernel)
        .build(
            (ops, x) ->
                ops.conv2d(
                    x.get(0), weight, null, 1, padding, Epilogue.activation(Activation.RELU)));
  }

  static ConvCases conv(int n, int h, int w, int in, int out) {
    return new ConvCases(n, h, w, in, out);
  }

  ConvCases kernel(int height, int width) {
    kh = height;
    kw = width;
    return this;
  }

  ConvCases stride(int s) {
    stride = s;
    return this;
  }

  ConvCases padding(int p) {
    padding = p;
    return this;
  }

  ConvCases noBias() {
    bias = false;
    return this;
  }

  ConvCases residual() {
    residual = true;
    return this;
  }

  ConvCases then(Activation a) {
    activation = a;
    return this;
  }

  ConvCases as(DType dtype) {
    outType = dtype;
    return this;
  }

  OpCase build() {
    int oh = (h + 2 * padding - kh) / stride + 1;
    int ow = (w + 2 * padding - kw) / stride + 1;
    OpCase.Builder builder = OpCase.of("conv2d", variant());
    builder.activations(n, h, w, in);
    if (residual && outType == null) {
      builder.activations(n, oh, ow, out);
    } else if (residual) {
      builder.floats(n, oh, ow, out);
    }
    HostTensor weight = builder.weight(0, 1 / Math.sqrt(in * kh * kw), out, in, kh, kw);
    HostTensor offset = bias ? builder.weight(0, 1, out) : null;
    return builder
        .precision(Precision.product((long) in * kh * kw))
        .flops(2L * n * oh * ow * out * in * kh * kw)
        .build(
            (ops, x) -> {
              Tensor added = residual ? x.get(1) : null;
              Epilogue epilogue = new Epilogue(activation, added, outType);
              return ops.conv2d(x.get(0), weight, offset, stride, padding, epilogue);
            });
  }

  private String variant() {
    return "%d×%d%s%s %s → %d%s%s%s%s"
        .formatted(
            kh,
            kw,
            stride == 1 ? "" : " s" + stride,
            padding == 0 ? "" : " p" + padding,
            Shape.of(n, h, w, in),
            out,
            bias ? "" : " no bias",
            residual ? " +residual" : "",
            activation == Activation.NONE ? "" : " " + activation.name().toLowerCase(),
            outType == null ? "" : " as " + outType.label());
  }
}
