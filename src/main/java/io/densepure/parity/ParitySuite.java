package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A folder of golden cases: whatever lies beside an {@code index.json} in the reference format. */
public final class ParitySuite {
  private final Path folder;
  private final List<GoldenCase> cases;

  private ParitySuite(Path folder, List<GoldenCase> cases) {
    this.folder = folder;
    this.cases = List.copyOf(cases);
  }

  /**
   * Reads the index; files of the cases are opened only when a case runs.
   *
   * @throws InputException if there is no index.json or it is not in the reference format
   */
  public static ParitySuite load(Path folder) {
    Path index = folder.resolve("index.json");
    if (!Files.isRegularFile(index)) {
      throw InputException.of("%s: holds no index.json; give a folder of golden cases", folder);
    }
    JsonNode list = GoldenCase.readJson(index).path("cases");
    if (!list.isArray()) {
      throw InputException.of("%s: has no list 'cases'", index);
    }
    List<GoldenCase> cases = new ArrayList<>();
    Set<String> ids = new LinkedHashSet<>();
    for (JsonNode node : list) {
      GoldenCase c = parse(folder, index, node);
      if (!ids.add(c.id())) {
        throw InputException.of("%s: two cases have the id '%s'", index, c.id());
      }
      cases.add(c);
    }
    return new ParitySuite(folder, cases);
  }

  private static GoldenCase parse(Path folder, Path index, JsonNode node) {
    Map<String, String> files = new LinkedHashMap<>();
    node.path("files").fields().forEachRemaining(f -> files.put(f.getKey(), f.getValue().asText()));
    Set<String> tensors = new LinkedHashSet<>();
    node.path("tensors").fieldNames().forEachRemaining(tensors::add);
    return new GoldenCase(
        folder,
        text(index, node, "id"),
        text(index, node, "group"),
        node.path("source").asText(""),
        node.path("config"),
        node.path("recipe_inputs"),
        files,
        tensors,
        Tolerance.of(node.path("tolerance")),
        node.path("notes").asText(""));
  }

  private static String text(Path index, JsonNode node, String key) {
    if (!node.path(key).isTextual()) {
      throw InputException.of("%s: a case has no '%s'", index, key);
    }
    return node.get(key).asText();
  }

  public Path folder() {
    return folder;
  }

  /** All cases, in the order of the index. */
  public List<GoldenCase> cases() {
    return cases;
  }

  /**
   * The cases of these groups and with these ids; an empty collection selects everything.
   *
   * @throws InputException listing what there is if a group or an id does not exist
   */
  public List<GoldenCase> select(Collection<String> groups, Collection<String> ids) {
    requireKnown("group", groups, GoldenCase::group);
    requireKnown("case", ids, GoldenCase::id);
    return cases.stream()
        .filter(c -> groups.isEmpty() || groups.contains(c.group()))
        .filter(c -> ids.isEmpty() || ids.contains(c.id()))
        .toList();
  }

  private void requireKnown(
      String what, Collection<String> asked, Function<GoldenCase, String> property) {
    Set<String> known = cases.stream().map(property).collect(Collectors.toCollection(TreeSet::new));
    for (String name : asked) {
      if (!known.contains(name)) {
        throw InputException.of(
            "%s: has no %s '%s'; it has %s", folder, what, name, String.join(", ", known));
      }
    }
  }
}
