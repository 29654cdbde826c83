package io.densepure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One section of a configuration file (YAML, JSON) as keys and values, read with types. Every
 * mismatch is an {@link InputException} that names the file and the key.
 */
public final class Settings {
  private final String source;
  private final Map<String, ?> values;

  /**
   * @param source the file, for messages
   */
  public Settings(String source, Map<String, ?> values) {
    this.source = source;
    this.values = values;
  }

  /** The file these come from, for messages. */
  public String source() {
    return source;
  }

  /** Whether the key is there with a value other than null. */
  public boolean has(String key) {
    return values.get(key) != null;
  }

  /** An integer that must be given. */
  public int integer(String key) {
    if (!has(key)) {
      throw InputException.of("%s: '%s' is missing", source, key);
    }
    return integer(key, 0);
  }

  public int integer(String key, int absent) {
    Object v = values.get(key);
    if (v == null) {
      return absent;
    }
    try {
      return Integer.parseInt(v.toString().trim());
    } catch (NumberFormatException e) {
      throw wrong(key, "an integer");
    }
  }

  public boolean flag(String key, boolean absent) {
    Object v = values.get(key);
    if (v == null) {
      return absent;
    }
    return switch (v.toString().trim().toLowerCase(java.util.Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw wrong(key, "true or false");
    };
  }

  public String text(String key, String absent) {
    Object v = values.get(key);
    return v == null ? absent : v.toString().trim();
  }

  /**
   * Numbers given as a list, as one number, or as the text {@code "1,2,2"}; empty for an empty list
   * or text.
   */
  public List<Double> numbers(String key, List<Double> absent) {
    Object v = values.get(key);
    if (v == null) {
      return absent;
    }
    List<?> parts =
        v instanceof List<?> list
            ? list
            : v.toString().isBlank() ? List.of() : List.of(v.toString().split(",", -1));
    List<Double> out = new ArrayList<>();
    for (Object part : parts) {
      try {
        out.add(Double.parseDouble(String.valueOf(part).trim()));
      } catch (NumberFormatException e) {
        throw wrong(key, "a list of numbers");
      }
    }
    return List.copyOf(out);
  }

  /** As {@link #numbers}, all of them whole. */
  public List<Integer> integers(String key, List<Integer> absent) {
    if (!has(key)) {
      return absent;
    }
    List<Integer> out = new ArrayList<>();
    for (double d : numbers(key, List.of())) {
      if (d != (int) d) {
        throw wrong(key, "a list of integers");
      }
      out.add((int) d);
    }
    return List.copyOf(out);
  }

  /** The same complaint, beginning with the file's name if it does not yet. */
  public InputException located(InputException e) {
    return e.getMessage().startsWith(source + ":")
        ? e
        : InputException.of("%s: %s", source, e.getMessage());
  }

  private InputException wrong(String key, String expected) {
    String value = InputException.quote(String.valueOf(values.get(key)));
    return InputException.of("%s: '%s' is %s, not %s", source, key, value, expected);
  }
}
