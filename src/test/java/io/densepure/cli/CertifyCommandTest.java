package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/** The main job, end to end through the command line, on the bundled images and networks. */
class CertifyCommandTest {
  @TempDir private Path folder;

  private Cli certify(String name, Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of(
                "certify", "--sigma", 0.25, "--N0", 4, "--N", 12, "--out", folder.resolve(name)));
    args.addAll(Arrays.asList(more));
    Cli cli = Cli.run(args.toArray());
    assertEquals(0, cli.exit(), cli.err());
    return cli;
  }

  private List<String> rows(String table) {
    return ResultRow.read(folder.resolve(table)).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  @Test
  void writesTheOriginalsTableAndVoteFiles() throws IOException {
    certify(
        "run",
        "--ids",
        "0,1",
        "--steps",
        2,
        "--votes",
        2,
        "--reverse_seed",
        5,
        "--save_predictions",
        "--predictions_path",
        folder.resolve("npy") + "/0.25-");

    List<String> lines = Files.readAllLines(folder.resolve("run_diffpure"));
    assertEquals("idx\tlabel\tpredict\tradius\tcorrect\ttime", lines.get(0));
    assertEquals(3, lines.size());
    assertTrue(
        lines.get(1).matches("0\\t9\\t-?\\d\\t\\d\\.\\d+\\t[01]\\t\\d+:\\d\\d:\\d\\d\\.\\d+"),
        lines.get(1));
    for (int seed : new int[] {5, 6}) {
      assertEquals(
          4, Npy.readLongs(folder.resolve("npy/0.25-1-" + seed + "-n0_predictions.npy")).length);
      assertEquals(
          12, Npy.readLongs(folder.resolve("npy/0.25-1-" + seed + "-n_predictions.npy")).length);
    }
  }

  @Test
  void votesInOneRunAreThoseOfSeparateRuns() {
    certify(
        "both",
        "--ids",
        3,
        "--steps",
        2,
        "--votes",
        2,
        "--reverse_seed",
        7,
        "--save-votes",
        "--votes-prefix",
        folder.resolve("both-"));
    certify(
        "one",
        "--ids",
        3,
        "--steps",
        2,
        "--reverse_seed",
        8,
        "--save-votes",
        "--votes-prefix",
        folder.resolve("one-"));

    assertArrayEquals(
        Npy.readLongs(folder.resolve("one-3-8-n_predictions.npy")),
        Npy.readLongs(folder.resolve("both-3-8-n_predictions.npy")));
  }

  @Test
  void resultsDoNotDependOnImageOrderOrThreads() {
    certify("a", "--ids", "0,1,2", "--steps", 2, "--threads", 2, "--mode", "both");
    certify("b", "--ids", "2,0,1", "--steps", 2, "--mode", "both", "--threads", 1);

    assertEquals(rows("a").stream().sorted().toList(), rows("b").stream().sorted().toList());
    assertEquals(
        rows("a_diffpure").stream().sorted().toList(),
        rows("b_diffpure").stream().sorted().toList());
    assertNotEquals(rows("a"), rows("a_diffpure"));
  }

  @Test
  void aFinishedRunIsNotComputedAgainAndAnotherConfigurationIsRefused() throws IOException {
    certify("run", "--ids", 0, "--one-shot");
    byte[] journal = Files.readAllBytes(folder.resolve("run_diffpure.run.jsonl"));
    Cli again = certify("run", "--ids", 0, "--one-shot");
    assertTrue(again.err().contains("1 images are done"), again.err());
    assertArrayEquals(journal, Files.readAllBytes(folder.resolve("run_diffpure.run.jsonl")));

    Cli other =
        Cli.run(
            "certify",
            "--sigma",
            0.25,
            "--N0",
            4,
            "--N",
            12,
            "--ids",
            0,
            "--one-shot",
            "--seed",
            99,
            "--out",
            folder.resolve("run"));
    assertEquals(2, other.exit());
    assertTrue(other.complaint().contains("seed"), other.err());

    certify("run", "--ids", 0, "--one-shot", "--seed", 99, "--restart");
  }

  @Test
  void aFileThatIsNoJournalIsLeftAloneAndNamed() throws IOException {
    Path mine = Files.writeString(folder.resolve("x.run.jsonl"), "my notes\nof today\n");
    Cli cli = Cli.run("certify", "--mode", "base", "--ids", 0, "--out", folder.resolve("x"));
    assertEquals(2, cli.exit(), cli.err());
    assertEquals(
        "densepure: " + mine + ": is no journal of a run; move this file away or name another",
        cli.complaint());
    assertEquals("my notes\nof today\n", Files.readString(mine));
    assertTrue(Files.notExists(folder.resolve("x")), "no table was begun");
  }

  @Test
  void jsonHoldsWhatTheTableHolds() throws IOException {
    Cli cli = certify("run", "--ids", "0,1", "--mode", "base", "--json");
    JsonNode run = new ObjectMapper().readTree(cli.out()).get("runs").get(0);
    assertEquals("base", run.get("method").asText());
    List<ResultRow> rows = ResultRow.read(folder.resolve("run"));
    assertEquals(rows.size(), run.get("images").size());
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(rows.get(i).predict(), run.get("images").get(i).get("predict").asInt());
    }
  }

  @Test
  void theOriginalsSkipAndMax() {
    certify("run", "--skip", 4000, "--max", 8000, "--one-shot");
    assertEquals(
        List.of(0, 4000),
        ResultRow.read(folder.resolve("run_diffpure")).stream().map(ResultRow::idx).toList());
  }

  @Test
  void aConfigurationFileOfOursWithOtherClassifierAndPath() throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("mine.yml"),
            """
            dataset: {name: fashion-mnist}
            classifiers:
              plain: {network: wide-resnet, checkpoint: 'bundled:fashion_wrn'}
              normalised:
                network: wide-resnet
                checkpoint: bundled:fashion_wrn
                mean: [0.2190]
                std: [0.3318]
            """);
    certify("default", "--ids", 0, "--one-shot");
    certify("mine", "--ids", 0, "--one-shot", "--config", config, "--classifier", "normalised");
    assertEquals(rows("default_diffpure"), rows("mine_diffpure"));
  }

  @Test
  void predictAnswersOrAbstains() throws IOException {
    Cli cli =
        Cli.run("predict", "--ids", "0,1,2", "--sigma", 0.25, "--n", 20, "--one-shot", "--json");
    assertEquals(0, cli.exit(), cli.err());
    JsonNode images = new ObjectMapper().readTree(cli.out()).get("images");
    assertEquals(3, images.size());
    assertEquals(9, images.get(0).get("predict").asInt(), "an ankle boot, clearly");
  }

  @Test
  void demoShowsThreeMethodsAndWritesPictures() {
    Cli cli =
        Cli.run(
            "demo",
            "--images",
            2,
            "--samples",
            12,
            "--votes",
            2,
            "--steps",
            2,
            "--out",
            folder.resolve("demo"));
    assertEquals(0, cli.exit(), cli.err());
    assertTrue(cli.out().contains("one-shot") && cli.out().contains("2 steps, 2 votes"), cli.out());
    for (String file :
        List.of(
            "base.tsv",
            "one-shot.tsv",
            "densepure.tsv",
            "certified-accuracy.png",
            "certified-accuracy.svg",
            "denoised.png")) {
      assertTrue(Files.isRegularFile(folder.resolve("demo").resolve(file)), file);
    }
  }
}
