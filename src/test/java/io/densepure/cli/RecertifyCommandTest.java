package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates from votes of finished runs, without computing anything. */
class RecertifyCommandTest {
  private static final Path MERGE = Path.of("src/test/reference/stats/merge_cifar");

  private static final String SIZE = "--n0 4 --n 24 ";

  @TempDir private static Path folder;

  @BeforeAll
  static void runs() {
    certify("all", SIZE + "--votes 3 --save-votes --votes-prefix " + folder + "/all-");
    certify("early", SIZE + "--votes 3 --threads 1");
  }

  private static Cli certify(String name, String more) {
    List<Object> args = new ArrayList<>();
    args.addAll(List.of("certify", "--sigma", "1.5", "--ids", "1,4", "--steps", "2"));
    args.addAll(List.of("--out", folder.resolve(name)));
    args.addAll(Arrays.asList(more.split(" ")));
    Cli cli = Cli.run(args.toArray());
    assertEquals(0, cli.exit(), cli.err());
    return cli;
  }

  private static Cli recertify(String arguments) {
    return Cli.run((Object[]) ("recertify " + arguments).split(" "));
  }

  private static List<String> rows(Path table) {
    return ResultRow.read(table).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  private static List<String> rows(String arguments) {
    Path out = folder.resolve("out");
    Cli cli = recertify(arguments + " --out " + out);
    assertEquals(0, cli.exit(), cli.err());
    assertEquals("", cli.err(), "no device, nothing to say");
    return rows(out);
  }

  private static String journal(String name) {
    return folder.resolve(name + "_diffpure.run.jsonl").toString();
  }

  private static String voteFiles() {
    return "--votes-prefix %s/all- --sigma 1.5 --labels %s/all_diffpure".formatted(folder, folder);
  }

  @Test
  void withNothingChangedItIsTheRunsOwnTable() {
    List<String> own = rows(folder.resolve("all_diffpure"));
    assertEquals(own, rows(journal("all")));
    assertEquals(own, rows(folder.resolve("all_diffpure").toString()), "by the table's name");
    assertEquals(own, rows(journal("early")), "votes left out change nothing at that alpha");
    assertEquals(own, rows(voteFiles()));
  }

  @Test
  void aPartOfTheVotesIsWhatARunOfThatSizeSays() {
    String part = " --votes 2 --n0 3 --n 16 --alpha 0.05";
    certify("part", part.strip());
    List<String> expected = rows(folder.resolve("part_diffpure"));
    assertEquals(expected, rows(journal("all") + part));
    assertEquals(expected, rows(voteFiles() + part));
    assertFalse(expected.equals(rows(journal("all"))), "the part says something else");

    certify("later", SIZE + "--reverse-seed 2");
    assertEquals(
        rows(folder.resolve("later_diffpure")), rows(journal("all") + " --reverse-seeds 2"));
    assertEquals(rows(folder.resolve("later_diffpure")), rows(voteFiles() + " --reverse-seeds 2"));
  }

  @Test
  void votesNotCastCountAgainstTheClassAndThatIsSaid() throws IOException {
    Cli cli = recertify(journal("early") + " --alpha 0.95 --json --out " + folder.resolve("json"));
    assertEquals(0, cli.exit(), cli.err());
    JsonNode early = new ObjectMapper().readTree(cli.out()).get("images");
    Cli all = recertify(journal("all") + " --alpha 0.95 --json --out " + folder.resolve("json"));
    JsonNode exact = new ObjectMapper().readTree(all.out()).get("images");
    int open = 0;
    for (int i = 0; i < 2; i++) {
      assertEquals(0, exact.get(i).get("undecided").asInt());
      assertFalse(exact.get(i).get("open").asBoolean());
      if (early.get(i).get("open").asBoolean()) {
        open++;
        assertTrue(early.get(i).get("undecided").asInt() > 0);
      }
      assertTrue(early.get(i).get("radius").asDouble() <= exact.get(i).get("radius").asDouble());
      assertEquals(early.get(i).get("open").asBoolean(), early.get(i).get("undecided").asInt() > 0);
    }
    assertTrue(open > 0, "this run was cut short: " + cli.out());
    String text = recertify(journal("early") + " --alpha 0.95 --out " + folder.resolve("o")).out();
    assertTrue(text.contains("copies are undecided"), text);
    text = recertify(journal("early") + " --out " + folder.resolve("o")).out();
    assertFalse(text.contains("undecided"), "at its own alpha nothing is open: " + text);
  }

  @Test
  void theOriginalsVoteFilesGiveTheOriginalsMergedTable() throws IOException {
    Path table = MERGE.resolve("cifar10-densepure-sample_num_100-noise_0.25-2-steps-0");
    rows("--votes-prefix " + MERGE + "/exp/cifar10/0.25- --sigma 0.25 --labels " + table);
    assertArrayEquals(
        Files.readAllBytes(MERGE.resolve("cifar10_0.25_merge_results.txt")),
        Files.readAllBytes(folder.resolve("out")));
  }

  @Test
  void theTableGoesBesideTheRuns() {
    Cli cli = recertify(journal("all") + " --ids 4");
    assertEquals(0, cli.exit(), cli.err());
    Path table = folder.resolve("all_diffpure-recertified");
    assertEquals(1, ResultRow.read(table).size());
    assertTrue(cli.out().contains(table.toString()), cli.out());
    assertTrue(cli.out().contains("N0 4, N 24, 3 votes at alpha 0.001"), cli.out());
  }

  @Test
  void wrongQuestionsAreRefusedInOneLine() throws IOException {
    refused("", "journal");
    refused(journal("all") + " --votes-prefix x", "journal");
    refused(journal("all") + " --sigma 0.5", "--sigma");
    refused(journal("all") + " --votes 4", "4 votes");
    refused(journal("all") + " --votes 0", "0 votes");
    refused(journal("all") + " --n 25", "25");
    refused(journal("all") + " --n0 0", "N0");
    refused(journal("all") + " --alpha 0", "alpha");
    refused(journal("all") + " --reverse-seeds 9", "reverse seed 9");
    refused(journal("all") + " --reverse-seeds 1,1", "twice");
    refused(journal("all") + " --votes 1 --reverse-seeds 1", "exclude");
    refused(journal("all") + " --ids 3", "image 3");
    refused(journal("nosuch"), "nosuch");
    refused(folder.resolve("all_diffpure") + ".txt", "no such file");
    refused(voteFiles() + " --votes 4", "--votes");
    refused(voteFiles() + " --n 25", "holds 24");
    refused(voteFiles() + " --ids 3", "image 3");
    refused("--votes-prefix x --sigma 0.25", "--labels");
    refused(
        "--votes-prefix " + folder + "/no- --sigma 1 --labels " + folder + "/all_diffpure", "no-");
    Path table = Files.writeString(folder.resolve("notes"), "no journal\n");
    refused(table.toString(), "notes: is no journal of a run");
  }

  private static void refused(String arguments, String named) {
    Cli cli = recertify(arguments.strip());
    assertEquals(2, cli.exit(), arguments + ": " + cli.err() + cli.out());
    assertTrue(cli.complaint().contains(named), cli.err());
    assertEquals(1, cli.err().lines().filter(l -> l.startsWith("densepure: ")).count());
  }
}
