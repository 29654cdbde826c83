package io.densepure.compute;

import io.densepure.compute.OpCase.Precision;
import java.util.List;

/** Cases of the operations on sequences of tokens that transformers need besides attention. */
final class TokenCases {
  private TokenCases() {}

  static void addTo(List<OpCase> cases) {
    cases.add(prepend(2, 49, 32, true));
    cases.add(prepend(3, 16, 48, false));
    cases.add(prepend(2, 5, 7, true)); // nothing fills a vector
    cases.add(prepend(1, 1, 1, true));
    cases.add(prependNan());

    cases.add(mean(2, 17, 48, 1, 17)); // all but the class token
    cases.add(mean(3, 17, 48, 0, 1)); // the class token alone
    cases.add(mean(2, 64, 33, 0, 64));
    cases.add(mean(1, 9, 7, 4, 6));
    cases.add(mean(2, 300, 130, 3, 299));
    cases.add(meanNan());

    cases.add(transpose(2, 49, 32));
    cases.add(transpose(3, 7, 5));
    cases.add(transpose(2, 70, 65));
    cases.add(transpose(2, 1, 40));
    cases.add(transpose(2, 40, 1));
  }

  private static OpCase prepend(int n, int tokens, int channels, boolean positions) {
    String variant = Shape.of(n, tokens, channels) + (positions ? " and positions" : "");
    OpCase.Builder builder = OpCase.of("prependToken", variant);
    builder.activations(n, tokens, channels);
    HostTensor token = builder.weight(0, 1, 1, 1, channels);
    HostTensor added = positions ? builder.weight(0, 1, 1, tokens + 1, channels) : null;
    return builder
        .precision(positions ? Precision.ROUNDED : new Precision(0, 1, 0))
        .flops(positions ? (long) n * (tokens + 1) * channels : 0)
        .build((ops, in) -> ops.prependToken(in.get(0), token, added));
  }

  private static OpCase prependNan() {
    OpCase.Builder builder = OpCase.of("prependToken", "[2, 3, 8] NaN");
    builder.activations(2, 3, 8).nan(0, 9, 47);
    HostTensor token = builder.weight(0, 1, 1, 1, 8);
    HostTensor added = builder.weight(0, 1, 1, 4, 8);
    return builder.flops(64).build((ops, in) -> ops.prependToken(in.get(0), token, added));
  }

  private static OpCase mean(int n, int tokens, int channels, int from, int to) {
    return OpCase.of(
            "meanTokens", "%s, %d to %d".formatted(Shape.of(n, tokens, channels), from, to))
        .activations(n, tokens, channels)
        .precision(to - from == 1 ? Precision.EXACT : Precision.sum(to - from))
        .flops((long) n * (to - from) * channels)
        .build((ops, in) -> ops.meanTokens(in.get(0), from, to));
  }

  /** A NaN spoils the mean of its channel if it is among the tokens asked for. */
  private static OpCase meanNan() {
    return OpCase.of("meanTokens", "[2, 5, 8], 1 to 5 NaN")
        .activations(2, 5, 8)
        .nan(3, 8 + 6, 40 + 32 + 7)
        .precision(Precision.sum(4))
        .flops(2L * 4 * 8)
        .build((ops, in) -> ops.meanTokens(in.get(0), 1, 5));
  }

  private static OpCase transpose(int n, int rows, int columns) {
    return OpCase.of("transpose", Shape.of(n, rows, columns).toString())
        .activations(n, rows, columns)
        .precision(Precision.EXACT)
        .build((ops, in) -> ops.transpose(in.get(0)));
  }
}
