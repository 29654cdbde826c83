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
      cases.add(biased(2, 17, 4, 12, 52, layout));
      cases.add(biased(1, 25, 2, 16, 80, layout));
      cases.add(biased(2, 1, 2, 8, 3, layout));
      cases.add(biased(2, 70, 3, 64, 200, layout));
      cases.add(biased(1, 197, 2, 24, 732, layout));
      for (int part = 0; part < 3; part++) {
        cases.add(nan(layout, part));
      }
    }
  }

  static OpCase attention(int n, int tokens, int heads, int size, QkvLayout layout) {
    return attention(n, tokens, heads, size, layout, 1, "");
  }

  /** Scores far beyond where exp overflows in float32 unless the largest is subtracted first. */
  private static OpCase sharp(QkvLayout layout) {
    return attention(1, 20, 2, 16, layout, 12, " large scores");
  }

  /** With a bias as large as the scores, looked up through a random index. */
  private static OpCase biased(
      int n, int tokens, int heads, int size, int entries, QkvLayout layout) {
    int channels = heads * size;
    String variant =
        "[%d, %d, 3·%d] %d heads %s bias [%d, %d]"
            .formatted(n, tokens, channels, heads, layout.name().toLowerCase(), heads, entries);
    OpCase.Builder builder = OpCase.of("attention", variant);
    builder.activations(n, tokens, 3 * channels);
    HostTensor table = builder.weight(0, 1, heads, entries);
    PositionBias bias = new PositionBias(table, builder.index(entries, tokens, tokens));
    return builder
        .precision(new Precision(16 + 2 * Math.sqrt(size), 1, 0.5))
        .flops(4L * n * heads * tokens * tokens * size)
        .build((ops, in) -> ops.attention(in.get(0), heads, layout, bias));
  }

  /** A NaN in a query spoils its row, in a key its head, in a value its column of its head. */
  private static OpCase nan(QkvLayout layout, int part) {
    int heads = 2;
    int size = 16;
    int head = 1;
    int channel =
        layout == QkvLayout.HEADS_FIRST ? (head * 3 + part) * size : (part * heads + head) * size;
    String variant =
        "[2, 20, 3·32] 2 heads %s NaN in %s"
            .formatted(layout.name().toLowerCase(), List.of("q", "k", "v").get(part));
    return OpCase.of("attention", variant)
        .activations(2, 20, 96)
        .nan(96 * 27 + channel + 5)
        .precision(new Precision(24, 1, 0.5))
        .flops(4L * 2 * heads * 20 * 20 * size)
        .build((ops, in) -> ops.attention(in.get(0), heads, layout));
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
