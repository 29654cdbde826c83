package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.densepure.certify.Lane.Phase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MajorityVoteTest {
  @ParameterizedTest
  @CsvSource({
    "7, 7",
    "1 2, 1",
    "2 1, 2",
    "3 1 1, 1",
    "5 4 4 5, 5",
    "4 5 5 4, 4",
    "9 0 0 1 1, 0",
    "9 1 0 0 1, 1",
    "2 2 7 7 7 2, 2",
    "-1 -1 3, 3",
    "-1 -1, -1"
  })
  void firstOfTheMostFrequentWins(String votes, int winner) {
    short[] labels = shorts(votes);
    assertEquals(winner, MajorityVote.winner(labels, 0, labels.length));
  }

  @Test
  void looksOnlyAtItsOwnVotes() {
    assertEquals(2, MajorityVote.winner(shorts("1 1 1 2 3 2 3 3 3"), 3, 7));
  }

  /** The rule as Python has it, on random votes of few and of many classes. */
  @Test
  void agreesWithTheRuleWrittenOut() {
    Random random = new Random(20221101);
    for (int round = 0; round < 20_000; round++) {
      int votes = 1 + random.nextInt(12);
      int classes = 1 + random.nextInt(6);
      short[] labels = new short[votes];
      List<Integer> list = new ArrayList<>();
      for (int i = 0; i < votes; i++) {
        labels[i] = (short) random.nextInt(classes);
        list.add((int) labels[i]);
      }
      int expected = list.get(0);
      for (int label : list) {
        if (Collections.frequency(list, label) > Collections.frequency(list, expected)) {
          expected = label;
        }
      }
      assertEquals(expected, MajorityVote.winner(labels, 0, votes), list.toString());
    }
  }

  @Test
  void boardCountsMajoritiesPerSampleAndKeepsEachVote() {
    SamplingPlan plan = new SamplingPlan(2, 3, 3);
    VoteBoard board = new VoteBoard(40, plan, 4);
    int[][] votes = {{1, 1, 0}, {3, 2, 0}, {0, 0, 0}, {2, 1, 1}, {3, 0, 3}};
    for (int sample = 0; sample < votes.length; sample++) {
      for (int vote = 0; vote < 3; vote++) {
        board.set(sample * 3 + vote, votes[sample][vote]);
      }
    }
    assertEquals(plan.lanes(), board.known());
    assertArrayEquals(new long[] {0, 1, 0, 1}, board.counts(Phase.SELECTION));
    assertArrayEquals(new long[] {1, 1, 0, 1}, board.counts(Phase.ESTIMATION));
    assertArrayEquals(new long[] {1, 2}, board.labels(Phase.SELECTION, 1));
    assertArrayEquals(new long[] {0, 2, 3}, board.labels(Phase.ESTIMATION, 0));
  }

  @Test
  void lanesAndPositionsAreInverse() {
    SamplingPlan plan = new SamplingPlan(3, 5, 4);
    for (int position = 0; position < plan.lanes(); position++) {
      assertEquals(position, plan.position(plan.lane(7, position)));
    }
    assertEquals(new Lane(7, Phase.SELECTION, 2, 3), plan.lane(7, 11));
    assertEquals(new Lane(7, Phase.ESTIMATION, 0, 0), plan.lane(7, 12));
  }

  private static short[] shorts(String votes) {
    String[] words = votes.split(" ");
    short[] labels = new short[words.length];
    for (int i = 0; i < words.length; i++) {
      labels[i] = Short.parseShort(words[i]);
    }
    return labels;
  }
}
