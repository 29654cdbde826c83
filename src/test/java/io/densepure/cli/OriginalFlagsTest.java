package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** The flags of the original's eval_certified_densepure.py, as spelled there. */
class OriginalFlagsTest {
  /** Of the original's parser, in its order. */
  private static final String FLAGS =
      "config seed exp verbose image_folder diffusion_type score_type domain classifier_name"
          + " partition lp_norm sigma classifier_sigma skip max N0 N alpha certified_batch outfile"
          + " use_id sample_id certify_mode advanced_classifier vit_batch use_one_step use_parallel"
          + " save_predictions predictions_path reverse_seed use_t_steps num_t_steps t_plus t_total"
          + " save_info use_clustering clustering_batch clustering_method data_seed";

  @TempDir private Path folder;

  private Cli certify(String name, String... more) {
    List<Object> args = new ArrayList<>();
    args.addAll(List.of("certify", "--sigma", "0.25", "--N0", "4", "--N", "12", "--use_one_step"));
    args.addAll(List.of("--outfile", folder.resolve(name)));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  private List<String> rows(String name) {
    return ResultRow.read(folder.resolve(name + "_diffpure")).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  @Test
  void helpListsEveryOneAfterTheFriendlyOnes() {
    String help = Cli.run("certify", "--help").out();
    for (String flag : FLAGS.split(" ")) {
      assertTrue(help.contains("--" + flag), flag + " is not in\n" + help);
    }
    List<Integer> headings =
        Stream.of(HelpSection.values())
            .filter(s -> s != HelpSection.FILES) // of merge and recertify
            .map(s -> help.indexOf(s.heading() + ":"))
            .toList();
    assertFalse(headings.contains(-1), help);
    assertEquals(headings.stream().sorted().toList(), headings, help);
    assertTrue(help.contains("--out, --outfile"), "friendly names come first:\n" + help);
  }

  @Test
  void thoseWithoutEffectAreNamedInOneLine() {
    assertEquals(0, certify("plain", "--use_id", "--sample_id", "0", "1").exit());
    Cli cli =
        certify(
            "all",
            ("--sample_id 0 1 --use_id --verbose info --lp_norm L2 --vit_batch 2 --use_parallel"
                    + " --data_seed 0 --score_type score_sde --classifier_name Eyeglasses"
                    + " --partition val --save_info --certified_batch 5")
                .split(" "));
    assertEquals(0, cli.exit(), cli.err());
    assertEquals(
        List.of(
            "Without effect: --verbose, --lp_norm, --vit_batch, --use_parallel, --data_seed,"
                + " --score_type, --classifier_name, --partition, --save_info"),
        cli.err().lines().filter(l -> l.startsWith("Without effect")).toList());
    assertEquals(rows("plain"), rows("all"));
  }

  @Test
  void nothingIsSaidWhenNoneIsGiven() {
    Cli cli = certify("run", "--sample_id", "0");
    assertEquals(0, cli.exit(), cli.err());
    assertFalse(cli.err().contains("Without effect"), cli.err());
  }

  @Test
  void useIdAloneTakesTheFirstImage() {
    Cli cli = certify("run", "--use_id", "--skip", "5000");
    assertEquals(0, cli.exit(), cli.err());
    assertEquals(1, rows("run").size());
    assertTrue(rows("run").get(0).startsWith("0 "), rows("run").toString());
  }

  @Test
  void theLogIsWhereTheOriginalHasItAndGrows() throws IOException {
    String[] flags = {
      "--exp", folder.resolve("exp").toString(), "-i", "my-run", "--seed", "7", "--sample_id", "0"
    };
    Cli cli = certify("run", flags);
    assertEquals(0, cli.exit(), cli.err());
    Path log = folder.resolve("exp/my-run/seed7/log.txt");
    String first = Files.readString(log);
    cli.out().lines().forEach(line -> assertTrue(first.contains(line), line));
    assertTrue(first.contains("Device: "), first);

    assertEquals(0, certify("run", flags).exit());
    String both = Files.readString(log);
    assertTrue(both.startsWith(first) && both.length() > first.length(), both);
  }

  @Test
  void aLogThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    Cli cli = certify("run", "--exp", file.toString(), "--sample_id", "0");
    assertEquals(2, cli.exit(), cli.err());
    assertTrue(cli.complaint().contains("log.txt"), cli.err());
    assertFalse(Files.exists(folder.resolve("run_diffpure")));
  }
}
