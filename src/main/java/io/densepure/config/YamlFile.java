package io.densepure.config;

import io.densepure.InputException;
import io.densepure.Settings;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads YAML as plain data: no types are constructed, no key may stand twice, aliases are bounded.
 */
public final class YamlFile {
  private static final int MAX_ALIASES = 20;
  private static final int MAX_DEPTH = 20;
  private static final int MAX_CHARS = 1 << 20;

  private YamlFile() {}

  /**
   * @throws InputException if the file cannot be read, is not YAML, or is not a mapping
   */
  public static Settings read(Path file) {
    try {
      if (Files.size(file) > MAX_CHARS) {
        throw InputException.of(
            "%s: larger than a configuration can be (%d bytes)", file, MAX_CHARS);
      }
      return parse(file.toString(), Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": not UTF-8 text", e);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /**
   * @param source what {@code text} is, for messages
   * @throws InputException if it is not YAML or not a mapping
   */
  public static Settings parse(String source, String text) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setMaxAliasesForCollections(MAX_ALIASES);
    try {
      Object root = new Yaml(new SafeConstructor(options)).load(text);
      requireTree(source, root, 0);
      if (root != null && !(root instanceof Map)) {
        throw InputException.of("%s: must be a mapping of keys to values", source);
      }
      return new Settings(source, root == null ? Map.of() : Map.of("", root)).section("");
    } catch (MarkedYAMLException e) {
      throw new InputException(
          "%s: not valid YAML: %s (line %d)"
              .formatted(source, e.getProblem(), e.getProblemMark().getLine() + 1),
          e);
    } catch (YAMLException e) {
      throw new InputException(source + ": not valid YAML: " + firstLine(e), e);
    }
  }

  /**
   * Through aliases, a list can contain itself, which nobody can walk through or print, and a short
   * file can stand for a long one.
   *
   * @return the length of all texts in it, and one for each value
   */
  private static long requireTree(String source, Object node, int depth) {
    if (depth > MAX_DEPTH) {
      throw InputException.of(
          "%s: is nested more than %d deep, or contains itself", source, MAX_DEPTH);
    }
    long size = node instanceof String text ? text.length() : 1;
    if (node instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        size += requireTree(source, entry.getKey(), depth + 1);
        size += requireTree(source, entry.getValue(), depth + 1);
      }
    } else if (node instanceof Collection<?> items) {
      for (Object item : items) {
        size += requireTree(source, item, depth + 1);
      }
    }
    if (size > 2 * MAX_CHARS) {
      throw InputException.of("%s: its aliases make it too large", source);
    }
    return size;
  }

  private static String firstLine(YAMLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
