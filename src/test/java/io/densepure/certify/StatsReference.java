package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Numbers that scipy, statsmodels and Python gave to the original. */
final class StatsReference {
  static final Path FOLDER = Path.of("src/test/reference/stats");
  private static final double RTOL = 1e-9;
  private static final double ATOL = 1e-12;

  private final JsonNode root;
  private double shareUsed;

  StatsReference() {
    try {
      root = new ObjectMapper().readTree(FOLDER.resolve("stats.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The cases under {@code key}, of which there must be some. */
  JsonNode cases(String key) {
    JsonNode cases = root.get(key);
    assertTrue(cases.size() > 0, key);
    return cases;
  }

  /** A number written by Python's repr. */
  static double number(JsonNode node) {
    return switch (node.asText()) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.parseDouble(node.asText());
    };
  }

  /** Holds {@code actual} to the tolerance of the reference: rtol 1e-9, atol 1e-12. */
  void assertClose(JsonNode expected, double actual, JsonNode where) {
    double want = number(expected);
    if (Double.isInfinite(want)) {
      assertEquals(want, actual, where.toString());
      return;
    }
    double share = Math.abs(actual - want) / (ATOL + RTOL * Math.abs(want));
    assertTrue(share <= 1, () -> want + " expected, " + actual + " found in " + where);
    shareUsed = Math.max(shareUsed, share);
  }

  void printShareUsed(String what) {
    System.out.printf("%s: %.2g of the tolerance used%n", what, shareUsed);
  }
}
