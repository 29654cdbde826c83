package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/**
 * How far a value may be from the golden one: {@code |actual − expected| <= rtol·|expected| +
 * atol}.
 */
public record Tolerance(double rtol, double atol) {
  /** Nothing may differ: integers, pixels, votes, printed text. */
  public static final Tolerance EXACT = new Tolerance(0, 0);

  /** What the reference data suggests where a case states nothing. */
  private static final Tolerance SUGGESTED = new Tolerance(1e-4, 1e-4);

  /** From a case's {@code {"rtol": …, "atol": …}}. */
  static Tolerance of(JsonNode node) {
    if (!node.path("rtol").isNumber() || !node.path("atol").isNumber()) {
      return SUGGESTED;
    }
    return new Tolerance(node.get("rtol").asDouble(), node.get("atol").asDouble());
  }

  /** The distance allowed from {@code expected}. */
  double allowed(double expected) {
    return rtol * Math.abs(expected) + atol;
  }

  @Override
  public String toString() {
    if (this.equals(EXACT)) {
      return "exact";
    }
    return rtol == 0
        ? String.format(Locale.ROOT, "%.1e", atol)
        : String.format(Locale.ROOT, "%.1e*|b|+%.1e", rtol, atol);
  }
}
