package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Leaving votes out changes no prediction and no radius, whatever the votes say. */
class EarlyVotingTest {
  private static final double SIGMA = 0.5;
  private static final int[] LABELS = {VoteBoard.NOT_FINITE, 0, 1, 2, 3, 4};

  /**
   * Votes that lean towards one class by {@code lean} of 10, some not finite, as a table by lane.
   */
  private static final class Table implements BatchClassifier {
    private final SamplingPlan plan;
    private final int classes;
    private final int batch;
    private final int[] labels;
    private int computed;

    Table(SamplingPlan plan, int classes, int lean, long seed, int batch) {
      this.plan = plan;
      this.classes = classes;
      this.batch = batch;
      Random random = new Random(seed);
      labels = new int[plan.lanes()];
      for (int i = 0; i < labels.length; i++) {
        int drawn = random.nextInt(10) < lean ? 0 : random.nextInt(classes);
        boolean finite = lean == 10 || random.nextInt(12) > 0;
        labels[i] = finite ? drawn : VoteBoard.NOT_FINITE;
      }
    }

    @Override
    public int batchSize() {
      return batch;
    }

    @Override
    public int classes() {
      return classes;
    }

    @Override
    public int[] classify(List<Lane> lanes) {
      computed += lanes.size();
      return lanes.stream().mapToInt(lane -> labels[plan.position(lane)]).toArray();
    }

    @Override
    public void close() {}
  }

  private static VoteBoard run(Table table, VotePolicy policy) {
    List<VoteBoard> done = new ArrayList<>();
    assertTrue(
        new LaneScheduler(List.of(table), policy)
            .run(List.of(7), image -> new VoteBoard(image, table.plan, table.classes), done::add));
    return done.get(0);
  }

  @Property(tries = 3000)
  void givesTheExhaustiveResult(
      @ForAll @IntRange(min = 1, max = 6) int n0,
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 8) int votes,
      @ForAll @IntRange(min = 1, max = 4) int classes,
      @ForAll @IntRange(min = 0, max = 10) int lean,
      @ForAll @IntRange(min = 1, max = 50) int batch,
      @ForAll @IntRange(min = 1, max = 50) int block,
      @ForAll @IntRange(min = 1, max = 300) int alphaPerMille,
      @ForAll long seed) {
    SamplingPlan plan = new SamplingPlan(n0, n, votes);
    VoteCertifier certifier = new VoteCertifier(SIGMA, alphaPerMille / 1000.0);
    Certificate exhaustive =
        certifier.certify(run(new Table(plan, classes, lean, seed, batch), VotePolicy.EXHAUSTIVE));

    Table table = new Table(plan, classes, lean, seed, batch);
    VoteBoard board = run(table, new EarlyVoting(certifier, block));
    Certificate early = certifier.certifyEarly(board);
    assertEquals(exhaustive.prediction(), early.prediction());
    assertEquals(exhaustive.radius(), early.radius());
    assertTrue(early.pABar() <= exhaustive.pABar(), "a bound from fewer votes is no better");
    assertTrue(table.computed <= plan.lanes());

    Certificate merged = certifier.certify(board);
    assertEquals(exhaustive.prediction(), merged.prediction());
    assertEquals(exhaustive.radius(), merged.radius());

    Table other = new Table(plan, classes, lean, seed, 51 - batch);
    assertEquals(early, certifier.certifyEarly(run(other, new EarlyVoting(certifier, 51 - block))));
  }

  /** Against all ways in which the open votes can still be cast. */
  @Property(tries = 3000)
  void decidedMeansThatNothingCanChangeIt(
      @ForAll @IntRange(min = 1, max = 6) int votes, @ForAll long seed) {
    Random random = new Random(seed);
    short[] labels = new short[votes];
    for (int i = 0; i < votes; i++) {
      labels[i] = (short) (random.nextInt(5) + VoteBoard.NOT_FINITE);
    }
    Set<Integer> winners = new HashSet<>();
    collect(labels.clone(), 0, winners);
    assertEquals(winners.size() == 1, MajorityVote.isDecided(labels, 0, votes));
    for (int label : LABELS) {
      assertEquals(winners.contains(label), MajorityVote.canWin(labels, 0, votes, label));
    }
    if (winners.size() == 1) {
      assertTrue(winners.contains(MajorityVote.winner(labels, 0, votes)));
    }
  }

  private static void collect(short[] labels, int from, Set<Integer> winners) {
    for (int i = from; i < labels.length; i++) {
      if (labels[i] == VoteBoard.UNKNOWN) {
        for (int label : LABELS) {
          labels[i] = (short) label;
          collect(labels, i + 1, winners);
        }
        labels[i] = -1;
        return;
      }
    }
    winners.add(MajorityVote.winner(labels, 0, labels.length));
  }

  @Test
  void votesThatAgreeTakeHalfOfThem() {
    SamplingPlan plan = new SamplingPlan(10, 200, 10);
    Table table = new Table(plan, 10, 10, 0, 8);
    run(table, new EarlyVoting(new VoteCertifier(SIGMA, 0.001), 32));
    // Five equal votes of ten win: the other five could only draw level, and the first one wins.
    assertEquals(210 * 5, table.computed, table.batch); // and what a last batch had in flight
  }

  @Test
  void anImageThatMustAbstainIsGivenUp() {
    SamplingPlan plan = new SamplingPlan(10, 10_000, 1);
    Table table = new Table(plan, 10, 1, 3, 16);
    VoteBoard board = run(table, new EarlyVoting(new VoteCertifier(SIGMA, 0.001), 64));
    assertTrue(new VoteCertifier(SIGMA, 0.001).certifyEarly(board).abstains());
    assertTrue(table.computed < 6500, table.computed + " of 10010 lanes");
  }

  @Test
  void withTooFewCopiesForAnyCertificateOnlyTheSelectionIsComputed() {
    Table table = new Table(new SamplingPlan(4, 9, 1), 2, 10, 0, 4);
    Certificate c =
        new VoteCertifier(SIGMA, 0.001)
            .certifyEarly(run(table, new EarlyVoting(new VoteCertifier(SIGMA, 0.001), 8)));
    assertTrue(c.abstains());
    assertTrue(table.computed <= 8, table.computed + " lanes"); // four, and one batch in flight
  }

  @Test
  void aSelectionThatIsNotDecidedIsRefused() {
    VoteBoard board = new VoteBoard(3, new SamplingPlan(2, 2, 3), 4);
    board.set(0, 1);
    board.set(1, 1);
    VoteCertifier certifier = new VoteCertifier(SIGMA, 0.001);
    InputException e = assertThrows(InputException.class, () -> certifier.certify(board));
    assertEquals(
        "image 3: too few votes were cast to know which class the selection picks", e.getMessage());
    assertTrue(board.isDecided(Phase.SELECTION, 0));
  }
}
