package io.densepure.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParitySuiteTest {
  @TempDir Path dir;

  @Test
  void selectsByGroupAndId() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    folder.add("a", "first", "a.npz", Map.of());
    folder.add("b", "second", "b.npz", Map.of());
    folder.add("c", "second", "c.npz", Map.of());
    ParitySuite suite = folder.suite();
    assertEquals(List.of("a", "b", "c"), ids(suite.select(List.of(), List.of())));
    assertEquals(List.of("b", "c"), ids(suite.select(List.of("second"), List.of())));
    assertEquals(List.of("c"), ids(suite.select(List.of("second"), List.of("a", "c"))));
  }

  @Test
  void unknownNamesAreAnsweredWithWhatThereIs() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    folder.add("a", "first", "a.npz", Map.of());
    folder.add("b", "second", "b.npz", Map.of());
    ParitySuite suite = folder.suite();
    String group = refused(() -> suite.select(List.of("third"), List.of()));
    assertTrue(group.contains("no group 'third'; it has first, second"), group);
    String id = refused(() -> suite.select(List.of(), List.of("d")));
    assertTrue(id.contains("no case 'd'; it has a, b"), id);
  }

  @Test
  void aFolderWithoutAnIndexIsRefused() {
    String message = refused(() -> ParitySuite.load(dir));
    assertTrue(message.startsWith(dir.toString()), message);
    assertTrue(message.contains("index.json"), message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no json",
        "[]",
        "{\"cases\": {}}",
        "{\"cases\": [{\"group\": \"g\"}]}",
        "{\"cases\": [{\"id\": \"a\"}]}",
        "{\"cases\": [{\"id\": \"a\", \"group\": \"g\"}, {\"id\": \"a\", \"group\": \"g\"}]}"
      })
  void aBadIndexIsRefusedInOneLine(String text) throws IOException {
    Path index = dir.resolve("index.json");
    Files.writeString(index, text);
    String message = refused(() -> ParitySuite.load(dir));
    assertTrue(message.startsWith(index.toString()), message);
    assertFalse(message.contains("\n"), message);
  }

  private static String refused(Runnable action) {
    return assertThrows(InputException.class, action::run).getMessage();
  }

  private static List<String> ids(List<GoldenCase> cases) {
    return cases.stream().map(GoldenCase::id).toList();
  }
}
