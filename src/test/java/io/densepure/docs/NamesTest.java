package io.densepure.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Classes that the documents name, as {@code certify/Lane}, are where they say. */
class NamesTest {
  private static final Pattern CLASS = Pattern.compile("\\b([a-z]+(?:/[a-z]+)*)/([A-Z]\\w+)");
  private static final List<Path> SOURCES =
      Stream.of("src/main", "weights-converter/src/main")
          .map(root -> Path.of(root, "java", "io", "densepure"))
          .toList();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ARCHITECTURE.md",
        "docs/walk.md",
        "docs/glossary.md",
        "docs/networks.md",
        "docs/weights.md"
      })
  void classesAreWhereTheDocumentSays(String document) {
    List<String> missing = new ArrayList<>();
    Matcher name = CLASS.matcher(Markdown.read(Path.of(document)));
    int names = 0;
    while (name.find()) {
      Path file = Path.of(name.group(1), name.group(2) + ".java");
      if (SOURCES.stream().noneMatch(root -> Files.isDirectory(root.resolve(name.group(1))))) {
        continue; // no package of ours
      }
      names++;
      if (SOURCES.stream().noneMatch(root -> Files.exists(root.resolve(file)))) {
        missing.add(name.group());
      }
    }
    assertEquals(List.of(), missing, document + " names classes that are not there");
    assertTrue(names > 0, document + " names no class: is the pattern right?");
  }
}
