package io.densepure.parity;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import io.densepure.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * One entry of a reference folder's {@code index.json}: inputs, weights and what the original
 * computed from them.
 *
 * @param folder where {@code index.json} lies; {@code files} are relative to it
 * @param source the function of the original that made the data
 * @param config constructor arguments and the like
 * @param recipeInputs inputs that are drawn from named streams instead of stored: name to {@code
 *     seed} and {@code shape}
 * @param files what each file is for, to its path
 * @param tensors names of the arrays the case announces
 * @param notes what a human should know; may be empty
 */
public record GoldenCase(
    Path folder,
    String id,
    String group,
    String source,
    JsonNode config,
    JsonNode recipeInputs,
    Map<String, String> files,
    Set<String> tensors,
    Tolerance tolerance,
    String notes) {

  /** Whether the case has a file for this purpose. */
  boolean has(String role) {
    return files.containsKey(role);
  }

  /**
   * The file for this purpose.
   *
   * @throws InputException naming it if it is not there
   */
  Path file(String role) {
    if (!has(role)) {
      throw InputException.of("%s: index.json names no '%s' file for it", id, role);
    }
    Path file = folder.resolve(files.get(role));
    if (!Files.exists(file)) {
      throw InputException.of("%s: no such file", file);
    }
    return file;
  }

  /** The JSON document for this purpose; errors as {@link #file}. */
  JsonNode json(String role) {
    return readJson(file(role));
  }

  /** Part of this case's config, read with types. */
  Settings settings(JsonNode part) {
    Map<String, Object> values =
        new ObjectMapper()
            .convertValue(part, new TypeReference<LinkedHashMap<String, Object>>() {});
    return new Settings("case " + id, values == null ? Map.of() : values);
  }

  static JsonNode readJson(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      String firstLine = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new InputException(file + ": is not JSON: " + firstLine, e);
    }
  }
}
