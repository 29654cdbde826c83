package io.densepure.compute;

import io.densepure.compute.OpCase.Precision;
import java.util.List;

/** Cases of {@link Ops#attention}. */
final class AttentionCases {
  private AttentionCases() {}

  static void addTo(List<OpCase> cases) {
    for (QkvLayout layout : QkvLayout.values()) {
      cases.add(attention(2, 49, 2, 8, layout));
      cases.add(attention(1, 64, 4, 64, layout));
      cases.add(attention(3, 10, 3, 5, layout)); // nothing fills a vector
      cases.add(attention(2, 1, 2, 16, layout)); // one token attends to itself
      cases.add(attention(2, 6, 3, 1, layout)); // heads of one channel
      cases.add(attention(1, 17, 1, 32, layout));
      cases.add(attention(2, 33, 2, 48, layout));
      cases.add(attention(1, 130, 1, 80, layout));
      cases.add(attention(1, 16, 2, 128, layout));
      cases.add(sharp(layout));
    }
  }

  static OpCase attention(int n, int tokens, int heads, int size, QkvLayout layout) {
    return attention(n, tokens, heads, size, layout, 1, "");
  }

  /** Scores far beyond where exp overflows in float32 unless the largest is subtracted first. */
  private static OpCase sharp(QkvLayout layout) {
    return attention(1, 20, 2, 16, layout, 12, " large scores");
  }

  private static OpCase attention(
      int n, int tokens, int heads, int size, QkvLayout layout, double deviation, String note) {
    int channels = heads * size;
    String variant =
        "[%d, %d, 3·%d] %d heads %s%s"
            .formatted(n, tokens, channels, heads, layout.name().toLowerCase(), note);
    // An error in a score is an error in the exponent. In 16 bits a device may round the shares.
    double scores = deviation * deviation * Math.sqrt(size);
    return OpCase.of("attention", variant)
        .activations(Shape.of(n, tokens, 3 * channels), 0, deviation)
        .precision(new Precision(16 + 2 * scores, 1, 0.5))
        .flops(4L * n * heads * tokens * tokens * size)
        .build((ops, in) -> ops.attention(in.get(0), heads, layout));
  }
}
