package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.ResultRow;
import io.densepure.data.Npy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** --use_clustering: the original's votes within one noisy copy. */
class ClusteringTest {
  @TempDir private Path folder;

  private Cli certify(String name, String more) {
    List<Object> args = new ArrayList<>();
    args.addAll(List.of("certify", "--sigma", "0.75", "--N0", "5", "--N", "30", "--ids", "1,2"));
    args.addAll(List.of("--outfile", folder.resolve(name), "--save_predictions"));
    args.addAll(List.of("--predictions_path", folder.resolve(name) + "-"));
    args.addAll(Arrays.asList(more.split(" ")));
    return Cli.run(args.toArray());
  }

  private List<String> rows(String name) {
    return ResultRow.read(folder.resolve(name + "_diffpure")).stream()
        .map(r -> r.idx() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  private long[] votes(String name, int seed, String phase) {
    return Npy.readLongs(folder.resolve("%s-2-%d-%s_predictions.npy".formatted(name, seed, phase)));
  }

  @Test
  void aClusterIsVotesAndItsMajorityIsTheVoteOfItsSeed() {
    String cluster = "--use_clustering --clustering_batch 3 --clustering_method classifier";
    Cli clustered = certify("cluster", "--use_t_steps --num_t_steps 2 --reverse_seed 2 " + cluster);
    assertEquals(0, clustered.exit(), clustered.err());
    assertFalse(clustered.err().contains("clustering"), clustered.err());
    assertEquals(0, certify("votes", "--steps 2 --votes 3 --reverse_seed 6").exit());

    assertEquals(rows("votes"), rows("cluster"));
    for (String phase : List.of("n0", "n")) {
      long[] expected = votes("votes", 6, phase);
      long[] second = votes("votes", 7, phase);
      long[] third = votes("votes", 8, phase);
      for (int i = 0; i < expected.length; i++) {
        expected[i] = second[i] == third[i] ? second[i] : expected[i];
      }
      assertArrayEquals(expected, votes("cluster", 2, phase));
    }
    assertFalse(Arrays.equals(votes("votes", 6, "n"), votes("cluster", 2, "n")), "votes differ");
    assertFalse(Files.exists(folder.resolve("cluster-2-6-n_predictions.npy")));
  }

  @Test
  void withoutAMethodTheMajorityIsTakenAndThatIsSaid() {
    Cli cli = certify("run", "--steps 2 --use_clustering --clustering_batch 2");
    assertEquals(0, cli.exit(), cli.err());
    assertTrue(cli.err().contains("the original without it counts every denoising"), cli.err());
    assertEquals(30, votes("run", 0, "n").length);
  }

  @Test
  void oneShotTakesOneVoteForAll() {
    Cli cli = certify("run", "--use_one_step --use_clustering --clustering_method classifier");
    assertEquals(0, cli.exit(), cli.err());
    assertTrue(cli.err().contains("one vote stands for all"), cli.err());
    assertEquals(0, certify("plain", "--use_one_step").exit());
    assertArrayEquals(votes("plain", 0, "n"), votes("run", 0, "n"));
  }

  @Test
  void withoutUseClusteringTheOthersHaveNoEffect() {
    Cli cli = certify("run", "--use_one_step --clustering_method classifier --clustering_batch 7");
    assertEquals(0, cli.exit(), cli.err());
    assertTrue(cli.err().contains("for want of --use_clustering"), cli.err());
    assertEquals(30, votes("run", 0, "n").length, "the original writes empty arrays");
  }

  @Test
  void contradictionsAreRefused() {
    assertRefused("--steps 2 --use_clustering --votes 2", "--votes and --use_clustering");
    assertRefused("--steps 2 --use_clustering --clustering_batch 0", "--clustering_batch");
    assertRefused("--steps 2 --use_clustering --clustering_method kmeans", "--clustering_method");
    assertRefused(
        "--steps 2 --use_clustering --reverse_seed 9000000000000000000", "--reverse_seed");
  }

  private void assertRefused(String flags, String named) {
    Cli cli = certify("refused", flags);
    assertEquals(2, cli.exit(), cli.err());
    assertTrue(cli.complaint().contains(named), cli.err());
  }
}
