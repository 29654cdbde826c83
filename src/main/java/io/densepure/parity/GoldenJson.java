package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.InputException;

/** Reads the JSON of the reference data. */
final class GoldenJson {
  private GoldenJson() {}

  /**
   * A member that must be there.
   *
   * @throws InputException naming it if it is not
   */
  static JsonNode need(JsonNode object, String key) {
    JsonNode value = object.get(key);
    if (value == null) {
      throw InputException.of("the case's JSON has no '%s' where one belongs", key);
    }
    return value;
  }

  /** A float that must be there: a number, or text as Python's repr writes it. */
  static double number(JsonNode object, String key) {
    return parse(need(object, key));
  }

  /** An integer that must be there. */
  static long integer(JsonNode object, String key) {
    JsonNode value = need(object, key);
    if (!value.isIntegralNumber()) {
      throw InputException.of("the case's JSON has %s in place of an integer '%s'", value, key);
    }
    return value.asLong();
  }

  /** As {@link #integer(JsonNode, String)}, for what cannot be large. */
  static int small(JsonNode object, String key) {
    return Math.toIntExact(integer(object, key));
  }

  static double[] doubles(JsonNode list) {
    double[] out = new double[list.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = parse(list.get(i));
    }
    return out;
  }

  static long[] longs(JsonNode list) {
    long[] out = new long[list.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = list.get(i).asLong();
    }
    return out;
  }

  private static double parse(JsonNode node) {
    if (node.isNumber()) {
      return node.asDouble();
    }
    try {
      return switch (node.asText()) {
        case "nan" -> Double.NaN;
        case "inf" -> Double.POSITIVE_INFINITY;
        case "-inf" -> Double.NEGATIVE_INFINITY;
        default -> Double.parseDouble(node.asText());
      };
    } catch (NumberFormatException e) {
      throw InputException.of("the case's JSON has %s in place of a number", node);
    }
  }
}
