package io.densepure.compute;

import io.densepure.compute.OpCase.Precision;
import java.util.List;

/** Cases of {@link Ops#linear}. */
final class LinearCases {
  private LinearCases() {}

  static void addTo(List<OpCase> cases) {
    cases.add(linear(Shape.of(3, 32), new int[] {64, 32}, true, false, Epilogue.NONE));
    cases.add(linear(Shape.of(1, 128), new int[] {512, 128}, true, false, Epilogue.NONE));
    cases.add(linear(Shape.of(24), new int[] {10, 24}, true, false, Epilogue.NONE));
    cases.add(linear(Shape.of(2, 49, 32), new int[] {96, 32, 1}, true, false, Epilogue.NONE));
    cases.add(linear(Shape.of(2, 5, 7, 32), new int[] {16, 32, 1, 1}, true, true, Epilogue.NONE));
    cases.add(linear(Shape.of(13, 37), new int[] {19, 37}, true, false, Epilogue.NONE));
    cases.add(linear(Shape.of(3, 1), new int[] {1, 1}, true, false, Epilogue.NONE));
    cases.add(linear(Shape.of(4, 32), new int[] {32, 32}, false, false, Epilogue.NONE));
    cases.add(nan());
    Epilogue toFloat = Epilogue.NONE.as(DType.F32);
    cases.add(linear(Shape.of(5, 640), new int[] {10, 640}, true, false, toFloat));
    for (Activation activation : Activation.values()) {
      Epilogue then = Epilogue.activation(activation);
      cases.add(linear(Shape.of(2, 9, 32), new int[] {48, 32}, true, true, then));
      cases.add(linear(Shape.of(7, 33), new int[] {21, 33}, true, false, then));
    }
  }

  private static OpCase nan() {
    OpCase.Builder builder = OpCase.of("linear", "[5, 32] · [24, 32] relu NaN");
    builder.activations(5, 32).nan(2 * 32 + 7).precision(Precision.product(32));
    HostTensor weight = builder.weight(0, 0.2, 24, 32);
    return builder
        .flops(2L * 5 * 24 * 32)
        .build(
            (ops, x) -> ops.linear(x.get(0), weight, null, Epilogue.activation(Activation.RELU)));
  }

  /** [N, T, in] to out channels. */
  static OpCase tokens(int n, int t, int in, int out) {
    return linear(Shape.of(n, t, in), new int[] {out, in}, true, false, Epilogue.NONE);
  }

  /** The linear layers of a transformer's block: [N, T, width] with a hidden layer. */
  static List<OpCase> block(int n, int t, int width, int hidden) {
    Shape x = Shape.of(n, t, width);
    return List.of(
        linear(x, new int[] {3 * width, width}, true, false, Epilogue.NONE),
        linear(x, new int[] {width, width}, true, true, Epilogue.NONE),
        linear(x, new int[] {hidden, width}, true, false, Epilogue.activation(Activation.GELU)),
        linear(Shape.of(n, t, hidden), new int[] {width, hidden}, true, true, Epilogue.NONE));
  }

  private static OpCase linear(
      Shape x, int[] weightDims, boolean bias, boolean residual, Epilogue epilogue) {
    int in = weightDims[1];
    int out = weightDims[0];
    OpCase.Builder builder = OpCase.of("linear", variant(x, weightDims, bias, residual, epilogue));
    builder.activations(x.toArray());
    if (residual) {
      builder.activations(x.withChannels(out).toArray());
    }
    HostTensor weight = builder.weight(0, 1 / Math.sqrt(in), weightDims);
    HostTensor offset = bias ? builder.weight(0, 1, out) : null;
    return builder
        .precision(Precision.product(in))
        .flops(2 * x.rows() * in * out)
        .build(
            (ops, inputs) -> {
              Tensor added = residual ? inputs.get(1) : null;
              return ops.linear(
                  inputs.get(0),
                  weight,
                  offset,
                  new Epilogue(epilogue.activation(), added, epilogue.out()));
            });
  }

  private static String variant(
      Shape x, int[] weightDims, boolean bias, boolean residual, Epilogue epilogue) {
    return "%s · %s%s%s%s%s"
        .formatted(
            x,
            Shape.of(weightDims),
            bias ? "" : " no bias",
            residual ? " +residual" : "",
            epilogue.activation() == Activation.NONE
                ? ""
                : " " + epilogue.activation().name().toLowerCase(),
            epilogue.out() == null ? "" : " as " + epilogue.out().label());
  }
}
