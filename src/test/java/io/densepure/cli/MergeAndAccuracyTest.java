package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.certify.ResultRow;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MergeAndAccuracyTest {
  private static final Path REFERENCE = Path.of("src/test/reference");
  private static final Path STATS = REFERENCE.resolve("stats");

  @TempDir Path temp;
  private final StringWriter out = new StringWriter();
  private String error;

  private int run(Callable<Integer> command, List<String> arguments) {
    out.getBuffer().setLength(0);
    CommandLine cmd = new CommandLine(command).setOut(new PrintWriter(out));
    cmd.setParameterExceptionHandler((e, a) -> fail(e));
    cmd.setExecutionExceptionHandler((e, c, r) -> fail(e));
    return cmd.execute(arguments.toArray(String[]::new));
  }

  private int fail(Exception e) {
    error = e.getMessage();
    return 2;
  }

  /** The original's own arguments, with only the folder added. */
  @ParameterizedTest
  @ValueSource(strings = {"merge_cifar", "merge_ties", "merge_imagenet"})
  void mergedTableIsTheOriginalsToTheByte(String id) throws IOException {
    JsonNode index = new ObjectMapper().readTree(REFERENCE.resolve("index.json").toFile());
    for (JsonNode c : index.get("cases")) {
      if (c.get("id").asText().equals(id)) {
        List<String> arguments = new ArrayList<>();
        c.at("/config/argv").forEach(word -> arguments.add(word.asText()));
        Path merged = temp.resolve("merged.txt");
        arguments.addAll(
            List.of("--dir", STATS.resolve(id).toString(), "--out", merged.toString()));
        assertEquals(0, run(new MergeCommand(), arguments), () -> error);
        Path expected = REFERENCE.resolve(c.at("/files/expected").asText());
        assertArrayEquals(Files.readAllBytes(expected), Files.readAllBytes(merged));
        return;
      }
    }
    throw new AssertionError(id + " is not in index.json");
  }

  private List<String> ties(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("--N0", "10", "--N", "200", "--sigma", "0.5", "--steps", "5", "--votes", "4"));
    if (!List.of(more).contains("--dir")) {
      arguments.addAll(List.of("--dir", STATS.resolve("merge_ties").toString()));
    }
    arguments.addAll(List.of("--out", temp.resolve("merged.txt").toString()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  @Test
  void imagesComeFromTheTableIfNoneAreGiven() throws IOException {
    assertEquals(0, run(new MergeCommand(), ties("--json")), () -> error);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertEquals(5, json.get("images").size());
    assertEquals(1, json.at("/images/0/idx").asInt());
    assertEquals(
        Files.readString(STATS.resolve("merge_ties/cifar10_0.5_merge_results.txt")),
        Files.readString(temp.resolve("merged.txt")));
  }

  @Test
  void tableIsWrittenUnderTheOriginalsName() throws IOException {
    String reference = STATS.resolve("merge_ties").toString();
    List<String> arguments =
        List.of(
            "--N0",
            "10",
            "--N",
            "200",
            "--sigma",
            ".5",
            "--classes_num",
            "10",
            "--votes",
            "4",
            "--labels",
            reference + "/cifar10-densepure-sample_num_10-noise_0.5-5-steps-3",
            "--votes_prefix",
            reference + "/exp/cifar10/0.5-",
            "--dir",
            temp.toString());
    assertEquals(0, run(new MergeCommand(), arguments), () -> error);
    assertArrayEquals(
        Files.readAllBytes(STATS.resolve("merge_ties/cifar10_0.5_merge_results.txt")),
        Files.readAllBytes(temp.resolve("cifar10_0.5_merge_results.txt")));
  }

  @Test
  void orderOfReverseSeedsBreaksTies() throws IOException {
    assertEquals(0, run(new MergeCommand(), ties("--reverse_seeds", "3,2,1,0")), () -> error);
    String reversed = Files.readString(temp.resolve("merged.txt"));
    assertEquals(0, run(new MergeCommand(), ties()), () -> error);
    assertTrue(!reversed.equals(Files.readString(temp.resolve("merged.txt"))), reversed);
  }

  /** As in the original; where that table is missing, the one before it serves. */
  @Test
  void labelsComeFromTheLastSeedsTable() throws IOException {
    String name = "cifar10-densepure-sample_num_10-noise_0.5-5-steps-";
    String votes = STATS.resolve("merge_ties/exp/cifar10/0.5-").toString();
    for (int seed = 0; seed < 3; seed++) {
      String row = "\n1\t" + seed + "\t-1\t0.0\t0\n";
      Files.writeString(temp.resolve(name + seed), ResultRow.HEADER + row);
    }
    for (int seeds : new int[] {1, 2, 3, 4}) {
      List<String> arguments = ties("--votes_prefix", votes, "--dir", temp.toString(), "--json");
      arguments.addAll(List.of("--reverse_seeds", "0,1,2,3".substring(0, 2 * seeds - 1)));
      assertEquals(0, run(new MergeCommand(), arguments), () -> error);
      JsonNode json = new ObjectMapper().readTree(out.toString());
      assertEquals(Math.min(seeds - 1, 2), json.at("/images/0/label").asInt());
    }
  }

  @Test
  void wrongMergesAreRefusedInOneLine() {
    assertRefused(ties("--sample_id_list", "1", "77"), "image 77");
    assertRefused(ties("--sample_id_list", "1", "--sample_num", "2"), "--sample_num");
    assertRefused(ties("--sample_num", "0"), "--sample_num");
    assertRefused(ties("--reverse_seeds", "0", "9"), "0.5-1-9-n0_predictions.npy");
    assertRefused(List.of("--dir", temp.toString()), "cifar10-densepure-sample_num_100");
    assertRefused(List.of("--sigma", "-1"), "sigma");
    assertRefused(List.of("--votes", "0"), "--majority_vote_num");
    assertRefused(List.of("--N", "many"), "'--n': 'many'");
  }

  private void assertRefused(List<String> arguments, String reason) {
    assertEquals(2, run(new MergeCommand(), arguments));
    assertTrue(error.contains(reason), error);
  }

  @Test
  void accuracyReadsTheOriginalsTables() throws IOException {
    String merged = STATS.resolve("merge_cifar/cifar10_0.25_merge_results.txt").toString();
    String single =
        STATS
            .resolve("merge_cifar/cifar10-densepure-sample_num_100-noise_0.25-2-steps-0")
            .toString();
    List<String> arguments = List.of(single, merged, "--radii", "0,0.25,0.5", "--format", "csv");
    assertEquals(0, run(new AccuracyCommand(), arguments), () -> error);
    assertEquals(
        "run,images,abstention_rate,average_certified_radius,accuracy_at_0.0,accuracy_at_0.25,"
            + "accuracy_at_0.5\n"
            + single
            + ",5,0.6,0.0912,0.4,0.2,0.0\n"
            + merged
            + ",5,0.4,0.2162,0.6,0.4,0.2\n",
        out.toString());
    assertEquals(0, run(new AccuracyCommand(), List.of(merged, "--json")), () -> error);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertEquals(0.4, json.at("/runs/0/certified_accuracy/1/accuracy").asDouble());
    assertEquals(0.25, json.at("/runs/0/certified_accuracy/1/radius").asDouble());
  }

  @Test
  void wrongQuestionsAboutAccuracyAreRefused() throws IOException {
    Path empty = Files.writeString(temp.resolve("empty"), "idx\tlabel\tpredict\tradius\tcorrect\n");
    for (List<String> arguments :
        List.of(
            List.of(empty.toString()),
            List.of(temp.resolve("absent").toString()),
            List.of("x", "--radii", "-1"),
            List.of("x", "--format", "pdf"),
            List.<String>of())) {
      assertEquals(2, run(new AccuracyCommand(), arguments), arguments.toString());
    }
  }
}
