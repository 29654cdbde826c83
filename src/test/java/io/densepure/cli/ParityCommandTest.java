package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityCommandTest {
  private static final String REFERENCE = "src/test/reference";

  @TempDir Path dir;

  @Test
  void printsOneLinePerCaseAndASummary() {
    Cli cli = run(REFERENCE, "--case", "improved_cosine_20", "--case", "nearest2x");
    assertEquals(0, cli.exit(), cli.err());
    List<String> lines = cli.out().lines().toList();
    assertEquals(3, lines.size(), cli.out());
    assertTrue(lines.get(0).matches("PASS +improved_cosine_20 +\\S+ +\\S+ +\\S+% +fp32"));
    assertTrue(lines.get(1).startsWith("PASS        nearest2x "), lines.get(1));
    assertTrue(lines.get(2).startsWith("2 cases: 2 passed, 0 failed, 0 unsupported"));
    assertTrue(lines.get(2).endsWith(" [cpu]"), lines.get(2));
  }

  @Test
  void selectsAGroup() {
    Cli cli = run(REFERENCE, "--group", "stats");
    assertEquals(0, cli.exit(), cli.out());
    assertEquals(4, cli.out().lines().filter(l -> l.startsWith("PASS")).count());
  }

  @Test
  void verboseListsTheArrays() {
    Cli cli = run(REFERENCE, "--case", "nearest2x", "--verbose");
    assertEquals(0, cli.exit(), cli.out());
    assertTrue(cli.out().contains("    avgpool2 "), cli.out());
    assertTrue(cli.out().contains("[1, 2, 12, 16]"), cli.out());
  }

  @Test
  void jsonIsOneDocument() throws IOException {
    Cli cli = run(REFERENCE, "--case", "nearest2x", "--json");
    assertEquals(0, cli.exit(), cli.err());
    JsonNode document = new ObjectMapper().readTree(cli.out());
    assertEquals(1, document.get("passed").asInt());
    assertEquals("cpu", document.get("device").asText());
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
    Cli cli = run(dir.toString());
    assertEquals(1, cli.exit(), cli.err());
    List<String> lines = cli.out().lines().toList();
    assertTrue(lines.get(0).startsWith("FAIL        lost "), lines.get(0));
    assertTrue(lines.get(0).endsWith(dir.resolve("lost.npz") + ": no such file"), lines.get(0));
    assertTrue(lines.get(1).startsWith("UNSUPPORTED odd "), lines.get(1));
    assertTrue(lines.get(2).startsWith("2 cases: 0 passed, 1 failed, 1 unsupported"));
    int exit = run(dir.toString(), "--case", "odd").exit();
    assertEquals(1, exit, "unsupported counts as not passed");
  }

  @Test
  void whatDoesNotExistIsBadInput() {
    assertRefused("no group 'poems'; it has ", REFERENCE, "--group", "poems");
    assertRefused("guided_unet, improved_unet, ", REFERENCE, "--group", "poems");
    assertRefused("no case 'poem'; it has ", REFERENCE, "--case", "poem");
    assertRefused("holds no index.json", dir.toString());
    assertRefused("--backend", REFERENCE, "--backend", "abacus");
    assertRefused("--dtype", REFERENCE, "--dtype", "fp4");
    assertRefused(
        "--dtype fp16 is not available on cpu, which has fp32",
        REFERENCE,
        "--dtype",
        "fp16",
        "--backend",
        "cpu");
  }

  private static void assertRefused(String says, String... args) {
    Cli cli = run(args);
    assertEquals(2, cli.exit(), cli.out());
    assertTrue(cli.complaint().contains(says), cli.err());
    assertEquals("", cli.out());
  }

  private static Cli run(String... args) {
    List<String> words = new ArrayList<>(List.of("parity"));
    words.addAll(List.of(args));
    if (!words.contains("--backend")) {
      words.addAll(List.of("--backend", "cpu", "--threads", "1"));
    }
    return Cli.run(words.toArray());
  }
}
