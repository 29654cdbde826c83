package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ParityCommandTest {
  private static final String REFERENCE = "src/test/reference";

  @TempDir Path dir;

  private final StringWriter out = new StringWriter();
  private Exception thrown;

  @Test
  void printsOneLinePerCaseAndASummary() {
    assertEquals(0, run(REFERENCE, "--case", "improved_cosine_20", "--case", "nearest2x"));
    List<String> lines = out.toString().lines().toList();
    assertEquals(3, lines.size(), out.toString());
    assertTrue(lines.get(0).matches("PASS +improved_cosine_20 +\\S+ +\\S+ +\\S+% +fp32"));
    assertTrue(lines.get(1).startsWith("PASS        nearest2x "), lines.get(1));
    assertTrue(lines.get(2).startsWith("2 cases: 2 passed, 0 failed, 0 unsupported"));
  }

  @Test
  void selectsAGroup() {
    assertEquals(0, run(REFERENCE, "--group", "stats"));
    assertEquals(4, out.toString().lines().filter(l -> l.startsWith("PASS")).count());
  }

  @Test
  void verboseListsTheArrays() {
    assertEquals(0, run(REFERENCE, "--case", "nearest2x", "--verbose"));
    assertTrue(out.toString().contains("    avgpool2 "), out.toString());
    assertTrue(out.toString().contains("[1, 2, 12, 16]"), out.toString());
  }

  @Test
  void jsonIsOneDocument() throws IOException {
    assertEquals(0, run(REFERENCE, "--case", "nearest2x", "--json"));
    JsonNode document = new ObjectMapper().readTree(out.toString());
    assertEquals(1, document.get("passed").asInt());
    assertEquals("nearest2x", document.at("/cases/0/id").asText());
    assertEquals("PASS", document.at("/cases/0/status").asText());
    assertEquals(2, document.at("/cases/0/rows").size());
  }

  @Test
  void oneFailureOrUnsupportedCaseGivesExitCode1() throws IOException {
    Files.writeString(
        dir.resolve("index.json"),
        """
        {"cases": [
          {"id": "lost", "group": "g", "config": {"schedule": "cosine", "steps": 20},
           "files": {"arrays": "lost.npz"}},
          {"id": "odd", "group": "g", "config": {}, "files": {}}]}
        """);
    assertEquals(1, run(dir.toString()));
    List<String> lines = out.toString().lines().toList();
    assertTrue(lines.get(0).startsWith("FAIL        lost "), lines.get(0));
    assertTrue(lines.get(0).endsWith(dir.resolve("lost.npz") + ": no such file"), lines.get(0));
    assertTrue(lines.get(1).startsWith("UNSUPPORTED odd "), lines.get(1));
    assertTrue(lines.get(2).startsWith("2 cases: 0 passed, 1 failed, 1 unsupported"));
    assertEquals(1, run(dir.toString(), "--case", "odd"), "unsupported counts as not passed");
  }

  @Test
  void whatDoesNotExistIsBadInput() {
    assertRefused("no group 'poems'; it has checkpoints, ", REFERENCE, "--group", "poems");
    assertRefused("no case 'poem'; it has ", REFERENCE, "--case", "poem");
    assertRefused("index.json", dir.toString());
    assertRefused("--backend abacus", REFERENCE, "--backend", "abacus");
    assertRefused("--dtype fp4", REFERENCE, "--dtype", "fp4");
  }

  private void assertRefused(String says, String... args) {
    assertEquals(2, run(args));
    assertInstanceOf(InputException.class, thrown);
    assertTrue(thrown.getMessage().contains(says), thrown.getMessage());
  }

  private int run(String... args) {
    out.getBuffer().setLength(0);
    CommandLine cmd = new CommandLine(new ParityCommand());
    cmd.setOut(new PrintWriter(out));
    cmd.setExecutionExceptionHandler(
        (e, c, parsed) -> {
          thrown = e;
          return 2;
        });
    return cmd.execute(args);
  }
}
