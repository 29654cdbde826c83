package io.densepure.certify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * The journal's lines are JSON objects; what is missing or of another type is an
 * IllegalArgumentException.
 */
final class JournalJson {
  /** The votes of an image are one string, far longer than Jackson takes by default. */
  private static final StreamReadConstraints LONG_STRINGS =
      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build();

  private static final double MAX_SECONDS = 1e9;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(JsonFactory.builder().streamReadConstraints(LONG_STRINGS).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JournalJson() {}

  static ObjectNode object(String type) {
    return MAPPER.createObjectNode().put("type", type);
  }

  static ObjectNode parse(String line) {
    try {
      if (MAPPER.readTree(line) instanceof ObjectNode object) {
        return object;
      }
      throw new IllegalArgumentException("not a JSON object");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  static ObjectNode object(ObjectNode line, String field) {
    if (field(line, field) instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException(field + " is not an object");
  }

  static String text(ObjectNode line, String field) {
    JsonNode value = field(line, field);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(field + " is not a text");
    }
    return value.textValue();
  }

  static int integer(ObjectNode line, String field) {
    JsonNode value = field(line, field);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw new IllegalArgumentException(field + " is not an integer");
    }
    return value.intValue();
  }

  static double number(ObjectNode line, String field) {
    JsonNode value = field(line, field);
    if (!value.isNumber()) {
      throw new IllegalArgumentException(field + " is not a number");
    }
    return value.doubleValue();
  }

  /** Time spent on lanes: as no image takes 30 years of a device, sums of it can be printed. */
  static double seconds(ObjectNode line) {
    double seconds = number(line, "seconds");
    if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
      throw new IllegalArgumentException("seconds is " + seconds);
    }
    return seconds;
  }

  /** The items of a list that is kept as the text {@code [1, 2]}; none if it is not there. */
  static List<String> listed(ObjectNode object, String field) {
    String text = object.path(field).asText("[]");
    if (!text.startsWith("[") || !text.endsWith("]")) {
      throw new IllegalArgumentException(field + " is not a list");
    }
    String items = text.substring(1, text.length() - 1);
    return items.isEmpty() ? List.of() : List.of(items.split(", ", -1));
  }

  private static JsonNode field(ObjectNode line, String field) {
    JsonNode value = line.get(field);
    if (value == null) {
      throw new IllegalArgumentException(field + " is missing");
    }
    return value;
  }
}
