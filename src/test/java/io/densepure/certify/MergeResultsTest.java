package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergeResultsTest {
  @TempDir Path temp;

  /** Votes drawn at random, merged by the rule written out with plain lists. */
  @Test
  void mergesRandomVotesAsTheRuleSays() {
    Random random = new Random(11);
    for (int round = 0; round < 40; round++) {
      int seeds = 1 + random.nextInt(6);
      int classes = 2 + random.nextInt(4);
      SamplingPlan plan = new SamplingPlan(1 + random.nextInt(10), 100 + random.nextInt(50), seeds);
      int[][] votes = new int[plan.n0() + plan.n()][seeds];
      VoteBoard board = new VoteBoard(round, plan, classes);
      for (int sample = 0; sample < votes.length; sample++) {
        for (int seed = 0; seed < seeds; seed++) {
          // Mostly class 1, so that some images are certified and some are not.
          votes[sample][seed] = random.nextInt(10) < 7 ? 1 : random.nextInt(classes);
          board.set(sample * seeds + seed, votes[sample][seed]);
        }
      }
      VoteFiles files = new VoteFiles(temp + "/r-");
      List<Long> reverseSeeds = new ArrayList<>();
      for (int seed = 0; seed < seeds; seed++) {
        reverseSeeds.add(100L - seed);
      }
      VoteSaving.each(files, reverseSeeds).save(board);
      VoteCertifier certifier = new VoteCertifier(0.5, 0.001);
      ResultRow row =
          new MergeResults(files, reverseSeeds, plan.n0(), plan.n(), classes, certifier)
              .merge(round, 1)
              .row();
      Certificate expected =
          certifier.certify(
              counts(votes, 0, plan.n0(), classes),
              counts(votes, plan.n0(), votes.length, classes));
      assertEquals(expected.prediction(), row.predict());
      assertEquals(expected.radius(), row.radius());
      assertEquals(expected.prediction() == 1, row.correct());
    }
  }

  private static long[] counts(int[][] votes, int from, int to, int classes) {
    long[] counts = new long[classes];
    for (int sample = from; sample < to; sample++) {
      int winner = votes[sample][0];
      for (int label : votes[sample]) {
        if (frequency(votes[sample], label) > frequency(votes[sample], winner)) {
          winner = label;
        }
      }
      counts[winner]++;
    }
    return counts;
  }

  private static int frequency(int[] votes, int label) {
    int count = 0;
    for (int vote : votes) {
      count += vote == label ? 1 : 0;
    }
    return count;
  }

  /** The names under which the original's run scripts leave their files. */
  @ParameterizedTest
  @CsvSource({
    "results/cifar10-densepure-sample_num_100-noise_1.0-2-steps-0, exp/cifar10/1.0-",
    "results/cifar10-densepure-sample_num_5000-noise_1-2-steps-0_diffpure, exp/cifar10/1-",
    "cifar10-densepure-sample_num_5000-noise_1.0-2-steps-0, exp/cifar10/1-",
    "cifar10-densepure-sample_num_100-noise_1-2-steps-0_diffpure, exp/cifar10/1.0-",
    "cifar10-densepure-sample_num_5000-noise_1-2-0_diffpure, exp/cifar10/1-"
  })
  void findsTheFilesUnderAnyOfTheirNames(String table, String prefix) throws IOException {
    Path file = temp.resolve(table);
    Files.createDirectories(file.getParent());
    Files.writeString(file, ResultRow.HEADER + "\n");
    VoteFiles votes = new VoteFiles(temp.resolve(prefix).toString());
    VoteSaving.each(votes, List.of(0L)).save(new VoteBoard(7, new SamplingPlan(1, 1, 1), 10));
    MergeInputs inputs = new MergeInputs(temp, "cifar10", 1, 2);
    assertEquals(file, inputs.table(0, 100, 5000));
    Path found = inputs.voteFiles(7, 0).path(7, 0, Phase.SELECTION);
    assertTrue(Files.isSameFile(votes.path(7, 0, Phase.SELECTION), found));
    // From within results/, as the original's merge is run.
    Files.createDirectories(temp.resolve("results"));
    MergeInputs within = new MergeInputs(temp.resolve("results"), "cifar10", 1, 2);
    found = within.voteFiles(7, 0).path(7, 0, Phase.SELECTION);
    assertTrue(Files.isSameFile(votes.path(7, 0, Phase.SELECTION), found));
    assertTrue(Files.isSameFile(file, within.table(0, 100, 5000)));
    assertThrows(InputException.class, () -> inputs.table(1, 100, 5000));
    assertThrows(InputException.class, () -> inputs.voteFiles(7, 1));
  }

  @Test
  void missingVoteFileIsNamed() {
    VoteFiles files = new VoteFiles(StatsReference.FOLDER + "/merge_ties/exp/cifar10/0.5-");
    List<Long> seeds = LongStream.range(0, 5).boxed().toList();
    MergeResults merge = new MergeResults(files, seeds, 10, 200, 10, new VoteCertifier(0.5, 0.001));
    InputException e = assertThrows(InputException.class, () -> merge.merge(1, 0));
    assertTrue(e.getMessage().contains("0.5-1-4-n0_predictions.npy"), e.getMessage());
  }
}
