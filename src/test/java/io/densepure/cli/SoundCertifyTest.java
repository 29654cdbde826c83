package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.certify.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code certify --sound}, as a user runs it, on the bundled images and networks. */
class SoundCertifyTest {
  @TempDir private Path folder;

  private Cli certify(String name, Object... more) {
    return run(name, 0.1, 30, "0,1", Stream.concat(Stream.of("--sound"), Arrays.stream(more)));
  }

  private Cli run(String name, double sigma, int n, String ids, Stream<?> more) {
    List<Object> args = new ArrayList<>(List.of("certify", "--sigma", sigma, "--ids", ids));
    args.addAll(List.of("--N0", 5, "--N", n, "--out", folder.resolve(name)));
    more.forEach(args::add);
    return Cli.run(args.toArray());
  }

  private List<String> rows(String table) {
    return ResultRow.read(folder.resolve(table)).stream()
        .map(r -> r.idx() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  @Test
  void certifiesInTheTableAndTheJsonAlike() throws IOException {
    Cli cli = certify("a", "--mode", "base", "--json");
    assertEquals(0, cli.exit(), cli.err());
    JsonNode run = new ObjectMapper().readTree(cli.out()).get("runs").get(0);
    assertEquals("Clopper-Pearson, sound", run.get("bound").asText());
    List<ResultRow> rows = ResultRow.read(folder.resolve("a"));
    int certified = 0;
    for (int i = 0; i < 2; i++) {
      assertEquals(run.get("images").get(i).get("radius").asDouble(), rows.get(i).radius());
      certified += rows.get(i).radius() > 0 ? 1 : 0;
    }
    assertTrue(certified > 0, cli.out());
    String header = Files.readAllLines(folder.resolve("a.run.jsonl")).get(0);
    assertTrue(header.contains("\"noise\":\"discrete\""), header);
    assertTrue(header.contains("\"bound\":\"Clopper-Pearson, sound\""), header);
  }

  @Test
  void certifiedAgainItIsStillSound() {
    Cli run = certify("again", "--mode", "base");
    assertEquals(0, run.exit(), run.err());
    Cli again = Cli.run("recertify", folder.resolve("again"));
    assertEquals(0, again.exit(), again.err());
    assertEquals(rows("again"), rows("again-recertified"));
  }

  @Test
  void votesAndBatchesAndThreadsChangeNothing() {
    assertEquals(0, certify("a", "--steps", 1, "--votes", 3).exit());
    assertEquals(0, certify("b", "--steps", 1, "--votes", 3, "--batch", 7).exit());
    assertEquals(0, certify("c", "--steps", 1, "--votes", 3, "--exhaustive").exit());
    assertEquals(rows("a_diffpure"), rows("b_diffpure"));
    assertEquals(rows("a_diffpure"), rows("c_diffpure"));
  }

  /** Other noise, but as strong: the network behaves alike and its votes are others. */
  @Test
  void theNoiseIsAsStrongAsTheUsual() throws IOException {
    List<String> usual = List.of("--mode", "base", "--exhaustive");
    assertEquals(0, run("a", 0.3, 300, "4", usual.stream()).exit());
    Stream<String> sound = Stream.concat(usual.stream(), Stream.of("--sound"));
    assertEquals(0, run("b", 0.3, 300, "4", sound).exit());
    JsonNode a = lastLine("a.run.jsonl");
    JsonNode b = lastLine("b.run.jsonl");
    assertEquals(a.get("nA").asInt(), b.get("nA").asInt(), 60); // of 300
    assertNotEquals(a.get("votes"), b.get("votes"));
  }

  private JsonNode lastLine(String journal) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve(journal));
    return new ObjectMapper().readTree(lines.get(lines.size() - 1));
  }

  @Test
  void whatIsNotSoundIsRefused() {
    Cli adaptive = certify("a", "--sampling", "adaptive", "--target-radius", 0.1);
    assertEquals(2, adaptive.exit(), adaptive.err());
    assertTrue(
        adaptive.complaint().contains("--sound takes a fixed number of copies"), adaptive.err());
    Cli loud = run("a", 4.5, 30, "0", Stream.of("--mode", "base", "--sound"));
    assertEquals(2, loud.exit(), loud.err());
    assertTrue(loud.complaint().contains("needs a sigma of at most 4.0, not 4.5"), loud.err());
    assertTrue(Files.notExists(folder.resolve("a.run.jsonl")));
  }

  @Test
  void aSoundRunDoesNotContinueAnother() {
    assertEquals(0, run("a", 0.1, 30, "0,1", Stream.of("--mode", "base")).exit());
    Cli cli = certify("a", "--mode", "base");
    assertEquals(2, cli.exit());
    assertTrue(cli.complaint().contains("bound"), cli.err());
  }
}
