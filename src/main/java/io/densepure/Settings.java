package io.densepure;

import java.io.Serializable;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One section of a configuration file (YAML, JSON) as keys and values, read with types. Every
 * mismatch is an {@link InputException} that names the file and the key.
 */
public final class Settings implements Serializable {
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

  /** All keys, in the file's order. */
  public Set<String> keys() {
    return values.keySet();
  }

  /**
   * The mapping under {@code key}; empty if the key is absent or null.
   *
   * @throws InputException if it is something else
   */
  public Settings section(String key) {
    Object v = values.get(key);
    if (v == null) {
      return new Settings(source, Map.of());
    }
    if (!(v instanceof Map<?, ?> map)) {
      throw wrong(key, "a mapping of keys to values");
    }
    Map<String, Object> section = new LinkedHashMap<>();
    map.forEach((k, value) -> section.put(String.valueOf(k), value));
    return new Settings(source, section);
  }

  /** These settings with one replaced. */
  public Settings with(String key, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(values);
    changed.put(key, value);
    return new Settings(source, changed);
  }

  /** These settings, where {@code overrides} has no other value; messages name its file. */
  public Settings with(Settings overrides) {
    Map<String, Object> merged = new LinkedHashMap<>(values);
    merged.putAll(overrides.values);
    return new Settings(overrides.source, merged);
  }

  /**
   * Refuses misspelt keys.
   *
   * @param section what these settings are called in the file, for the message
   * @throws InputException naming the first key that is not among {@code known}, and those that are
   */
  public void requireKnown(String section, Set<String> known) {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw InputException.of(
            "%s: unknown key '%s' in %s; known: %s",
            source, key, section, String.join(", ", new TreeSet<>(known)));
      }
    }
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
   * Text that names a file or folder.
   *
   * @throws InputException if nothing can have that name
   */
  public String path(String key, String absent) {
    String text = text(key, absent);
    try {
      return text == null ? null : Path.of(text).toString().isEmpty() ? absent : text;
    } catch (InvalidPathException e) {
      throw wrong(key, "a path");
    }
  }

  /**
   * The items under {@code key}; none if it is absent.
   *
   * @throws InputException if it is not a list
   */
  public List<?> list(String key) {
    Object v = values.get(key);
    if (v != null && !(v instanceof List<?>)) {
      throw wrong(key, "a list");
    }
    return v == null ? List.of() : (List<?>) v;
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

  /** All keys and values, for journals. */
  @Override
  public String toString() {
    return values.toString();
  }

  private InputException wrong(String key, String expected) {
    String value = InputException.quote(String.valueOf(values.get(key)));
    return InputException.of("%s: '%s' is %s, not %s", source, key, value, expected);
  }
}
