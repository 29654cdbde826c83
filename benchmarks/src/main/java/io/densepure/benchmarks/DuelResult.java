package io.densepure.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * What a duel showed.
 *
 * @param densepure ms per image, our engine; over the rounds' medians, like the next two
 * @param libtorch ms per image, the peer
 * @param ratio how many times faster ours is
 * @param gflopPerImage floating-point operations of one image's forward pass, 10^9
 */
record DuelResult(
    Duel duel,
    Spread densepure,
    Spread libtorch,
    Spread ratio,
    double gflopPerImage,
    Agreement agreement) {

  static final String HEADER =
      "| network | dtype | batch | DensePure, ms/image | GFLOP/s | libtorch, ms/image | GFLOP/s"
          + " | times faster | max. difference |\n|---|---|---|---|---|---|---|---|---|";

  boolean agrees() {
    return agreement.holds(duel.dtype());
  }

  /** One row of the Markdown table: median (minimum-maximum) over the rounds. */
  String row() {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %d | %s | %.0f | %s | %.0f | %s | %.2g of %.2g%s |",
        duel.network().label(),
        duel.dtype().label(),
        duel.batch(),
        densepure.format(2),
        gflops(densepure),
        libtorch.format(2),
        gflops(libtorch),
        ratio.format(3),
        agreement.maxError(),
        agreement.maxOutput(),
        agrees() ? "" : ": TOO FAR");
  }

  ObjectNode json(ObjectMapper mapper) {
    ObjectNode node = mapper.createObjectNode();
    node.put("network", duel.network().label());
    node.put("dtype", duel.dtype().label());
    node.put("batch", duel.batch());
    node.put("threads", duel.threads());
    node.put("rounds", duel.rounds());
    node.put("gflop_per_image", round(gflopPerImage));
    node.set("densepure_ms_per_image", spread(mapper, densepure));
    node.set("libtorch_ms_per_image", spread(mapper, libtorch));
    node.set("times_faster", spread(mapper, ratio));
    node.put("max_difference", agreement.maxError());
    return node;
  }

  private double gflops(Spread msPerImage) {
    return gflopPerImage / msPerImage.median() * 1e3;
  }

  private static ObjectNode spread(ObjectMapper mapper, Spread s) {
    return mapper
        .createObjectNode()
        .put("median", round(s.median()))
        .put("min", round(s.min()))
        .put("max", round(s.max()));
  }

  private static double round(double value) {
    return Math.round(value * 1e4) / 1e4;
  }
}
