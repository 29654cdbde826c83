package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.certify.ResultRow;
import io.densepure.data.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code certify --sampling adaptive}, as a user runs it, on the bundled images and networks. */
class AdaptiveCertifyTest {
  @TempDir private Path folder;

  private Cli certify(String name, Object... more) {
    List<Object> args = new ArrayList<>(List.of("certify", "--sigma", 0.25, "--mode", "base"));
    args.addAll(List.of("--N0", 10, "--N", 300, "--ids", "0,1,2", "--alpha", 0.01));
    args.addAll(List.of("--out", folder.resolve(name)));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  private static JsonNode images(Cli cli) throws IOException {
    assertEquals(0, cli.exit(), cli.err());
    JsonNode run = new ObjectMapper().readTree(cli.out()).get("runs").get(0);
    run.get("images").forEach(i -> ((ObjectNode) i).remove("seconds"));
    return run.get("images");
  }

  /** index, label, prediction and radius of each row. */
  private List<String> rows(String table) {
    return ResultRow.read(folder.resolve(table)).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  @Test
  void certifiedAgainItSaysTheSameByTheSameBound() {
    Cli run = certify("r", "--sampling", "adaptive", "--target-radius", "0.1");
    assertEquals(0, run.exit(), run.err());
    Cli same = Cli.run("recertify", folder.resolve("r"));
    assertEquals(0, same.exit(), same.err());
    assertFalse(same.out().contains("undecided"), same.out());
    assertEquals(rows("r"), rows("r-recertified"));

    Cli stricter = Cli.run("recertify", folder.resolve("r"), "--alpha", 1e-6);
    assertEquals(0, stricter.exit(), stricter.err());
    assertTrue(stricter.out().contains("undecided"), "it stopped too early for that");
    List<ResultRow> before = ResultRow.read(folder.resolve("r"));
    List<ResultRow> after = ResultRow.read(folder.resolve("r-recertified"));
    for (int i = 0; i < before.size(); i++) {
      assertTrue(after.get(i).radius() <= before.get(i).radius());
    }
  }

  @Test
  void stopsEarlyAndCertifiesTheTargets() throws IOException {
    Cli cli = certify("a", "--sampling", "adaptive", "--target-radius", "0.1,0.2", "--json");
    JsonNode run = new ObjectMapper().readTree(cli.out()).get("runs").get(0);
    assertEquals("anytime (betting)", run.get("bound").asText());
    int stopped = 0;
    for (JsonNode image : images(cli)) {
      stopped += image.get("n").asInt() < 300 ? 1 : 0;
      for (JsonNode target : image.get("targets")) {
        boolean certified =
            image.get("predict").asInt() >= 0
                && image.get("radius").asDouble() >= target.get("radius").asDouble();
        String decision = target.get("decision").asText();
        assertTrue(certified == decision.equals("proved"), image.toString());
      }
    }
    assertTrue(stopped > 0, cli.out());
    String header = Files.readAllLines(folder.resolve("a.run.jsonl")).get(0);
    assertTrue(header.contains("\"bound\":\"anytime (betting)\""), header);
    assertTrue(header.contains("\"target_radii\":\"[0.1, 0.2]\""), header);
  }

  @Test
  void batchesResumingAndCastingEveryVoteChangeNothing() throws IOException {
    Object[] adaptive = {"--sampling", "adaptive", "--target-radius", "0.2", "--json"};
    JsonNode images = images(certify("a", adaptive));
    assertEquals(images, images(certify("a", adaptive)), "told again from the journal");
    Cli exhaustive =
        certify("b", "--sampling", "adaptive", "--target-radius", "0.2", "--json", "--exhaustive");
    assertEquals(images, images(exhaustive));
    Cli batched =
        certify("c", "--sampling", "adaptive", "--target-radius", "0.2", "--json", "--batch", 7);
    assertEquals(images, images(batched));
    List<ResultRow> rows = ResultRow.read(folder.resolve("a"));
    assertEquals(3, rows.size());
    for (int i = 0; i < 3; i++) {
      assertEquals(images.get(i).get("radius").asDouble(), rows.get(i).radius(), 0.001);
    }
  }

  @Test
  void theTableSaysWhatWasDecidedAndVotesNotCastAreMarked() throws IOException {
    Cli cli =
        certify(
            "a",
            "--sampling",
            "adaptive",
            "--target-radius",
            0.1,
            "--save-votes",
            "--votes-prefix",
            folder.resolve("v-"));
    assertEquals(0, cli.exit(), cli.err());
    assertTrue(cli.out().contains("Radius 0.1: certified for "), cli.out());
    assertTrue(cli.out().contains("Copies that decided: "), cli.out());
    long open = 0;
    for (int image = 0; image < 3; image++) {
      long[] votes = Npy.readLongs(folder.resolve("v-" + image + "-0-n_predictions.npy"));
      open += Arrays.stream(votes).filter(v -> v == -1).count();
    }
    assertTrue(open > 0, "votes were left out");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--sampling adaptive | --sampling adaptive needs --target-radius",
        "--target-radius 0.2 | --target-radius needs --sampling adaptive",
        "--sampling adaptive --target-radius 0.1255 | no more than three digits",
        "--sampling adaptive --target-radius -1 | must be at least 0",
        "--sampling adaptive --target-radius 0.9 | the target radius 0.9 is out of reach",
        "--sampling adaptive --target-radius nan | --target-radius",
        "--sampling often | --sampling",
      })
  void nonsenseIsRefusedInALine(String flags, String complaint) {
    Cli cli = certify("a", (Object[]) flags.split(" "));
    assertEquals(2, cli.exit(), cli.err());
    assertTrue(cli.err().contains(complaint), cli.err());
    assertTrue(Files.notExists(folder.resolve("a.run.jsonl")));
  }

  @Test
  void anAdaptiveRunDoesNotContinueAFixedOne() {
    assertEquals(0, certify("a").exit());
    Cli other = certify("a", "--sampling", "adaptive", "--target-radius", 0.2);
    assertEquals(2, other.exit());
    assertTrue(other.complaint().contains("bound"), other.err());
  }
}
