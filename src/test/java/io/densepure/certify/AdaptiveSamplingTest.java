package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.certify.AdaptiveSampling.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies are taken until the target radii are decided: by the copies, and by nothing else. */
class AdaptiveSamplingTest {
  private static final double SIGMA = 0.5;
  private static final String VOTES = "src/test/resources/votes/fashion-mnist-one-shot.txt";

  /** Lanes of images 0, 1, … whose labels are a function of the lane; keeps count. */
  private static final class Labels implements BatchClassifier {
    private final SamplingPlan plan;
    private final int batch;
    private final short[][] labels; // [image][position]
    private int computed;

    /** Image i leans towards class 0 by {@code lean} of 20, or a little less. */
    Labels(SamplingPlan plan, int images, int lean, long seed, int batch) {
      this.plan = plan;
      this.batch = batch;
      Random random = new Random(seed);
      labels = new short[images][plan.lanes()];
      for (int image = 0; image < images; image++) {
        for (int i = 0; i < plan.lanes(); i++) {
          labels[image][i] = (short) (random.nextInt(20) < lean - image ? 0 : random.nextInt(3));
        }
      }
    }

    @Override
    public int batchSize() {
      return batch;
    }

    @Override
    public int classes() {
      return 3;
    }

    @Override
    public int[] classify(List<Lane> lanes) {
      computed += lanes.size();
      return lanes.stream().mapToInt(lane -> labels[lane.image()][plan.position(lane)]).toArray();
    }

    @Override
    public void close() {}
  }

  private static List<VoteBoard> run(Labels labels, VotePolicy policy) {
    List<VoteBoard> done = new ArrayList<>();
    List<Integer> images = new ArrayList<>();
    for (int i = 0; i < labels.labels.length; i++) {
      images.add(i);
    }
    assertTrue(
        new LaneScheduler(List.of(labels), policy)
            .run(images, image -> new VoteBoard(image, labels.plan, 3), done::add));
    return done;
  }

  @Property(tries = 1000)
  void resultsDependOnTheCopiesOnly(
      @ForAll @IntRange(min = 1, max = 6) int n0,
      @ForAll @IntRange(min = 30, max = 150) int n,
      @ForAll @IntRange(min = 1, max = 5) int votes,
      @ForAll @IntRange(min = 0, max = 20) int lean,
      @ForAll @IntRange(min = 1, max = 60) int batch,
      @ForAll @IntRange(min = 1, max = 60) int block,
      @ForAll long seed) {
    SamplingPlan plan = new SamplingPlan(n0, n, votes);
    AdaptiveSampling sampling = new AdaptiveSampling(SIGMA, 0.05, List.of(0.3, 0.0), n);

    List<VoteBoard> exhaustive = run(new Labels(plan, 3, lean, seed, batch), VotePolicy.EXHAUSTIVE);
    Labels labels = new Labels(plan, 3, lean, seed, batch);
    List<VoteBoard> early = run(labels, new EarlyVoting(sampling, block));
    List<VoteBoard> other =
        run(new Labels(plan, 3, lean, seed, 61 - batch), new EarlyVoting(sampling, 61 - block));
    VoteCertifier fixed = new VoteCertifier(SIGMA, 0.05);
    for (int image = 0; image < 3; image++) {
      Certificate certificate = sampling.certify(exhaustive.get(image));
      assertEquals(certificate, sampling.certify(early.get(image)));
      assertEquals(certificate, sampling.certify(other.get(image)));
      List<Decision> decisions = sampling.decisions(exhaustive.get(image));
      assertEquals(decisions, sampling.decisions(early.get(image)));
      assertEquals(decisions, sampling.decisions(other.get(image)));
      for (int i = 0; i < decisions.size(); i++) {
        boolean certified =
            !certificate.abstains() && certificate.radius() >= sampling.radii().get(i);
        assertTrue(certified || decisions.get(i) != Decision.PROVED, "proved, but not certified");
      }
      // Copies without votes count as lost: what a merge makes of them is a certificate, too.
      Certificate merged = fixed.certify(early.get(image));
      assertTrue(merged.nA() <= fixed.certify(exhaustive.get(image)).nA());
    }
    assertTrue(labels.computed <= 3 * plan.lanes());
  }

  /** P[a target is decided wrongly], exactly, over all ways that N copies can go. */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.6, 0.7256, 0.7258, 0.8, 0.95})
  void wrongDecisionsAreNoMoreFrequentThanAlphaExactly(double p) {
    double alpha = 0.05;
    int n = 60;
    List<Double> radii = List.of(0.0, 0.3);
    AdaptiveSampling sampling = new AdaptiveSampling(SIGMA, alpha, radii, n);
    double truth = SIGMA * ConfidenceBounds.normalQuantile(p);
    double certificateWrong = 0;
    double refutationWrong = 0;
    double decided = 0;
    for (Outcome outcome : outcomes(sampling, n, p)) {
      Certificate c = sampling.certify(outcome.board);
      certificateWrong += !c.abstains() && c.radius() > truth + 1e-12 ? outcome.probability : 0;
      List<Decision> decisions = sampling.decisions(outcome.board);
      boolean refutesTruth = false;
      for (int i = 0; i < radii.size(); i++) {
        refutesTruth |= decisions.get(i) == Decision.REFUTED && radii.get(i) <= truth;
      }
      refutationWrong += refutesTruth ? outcome.probability : 0;
      decided += outcome.probability;
    }
    System.out.printf(
        "p %s: false certificates %.4f, false refutations %.4f of %.6f%n",
        p, certificateWrong, refutationWrong, decided);
    assertEquals(1, decided, 1e-9);
    assertTrue(certificateWrong <= alpha, "false certificates: " + certificateWrong);
    assertTrue(refutationWrong <= alpha, "false refutations: " + refutationWrong);
  }

  /** A way to end, and how probable it is. */
  private record Outcome(VoteBoard board, double probability) {}

  /**
   * A board for each state in which the sampling ends. Only the counts matter to a walk's future
   * and its decisions are kept apart, so walks with the same of both are joined.
   */
  private static List<Outcome> outcomes(AdaptiveSampling sampling, int n, double p) {
    List<Outcome> ended = new ArrayList<>();
    Map<String, Walk> level = new LinkedHashMap<>();
    level.put("", new Walk(List.of(), 1));
    for (int i = 0; i < n; i++) {
      Map<String, Walk> next = new LinkedHashMap<>();
      for (Walk walk : level.values()) {
        for (boolean won : new boolean[] {true, false}) {
          List<Boolean> copies = new ArrayList<>(walk.copies);
          copies.add(won);
          double probability = walk.probability * (won ? p : 1 - p);
          StoppingRule.Walk replay = sampling.start(n);
          copies.forEach(replay::add);
          if (replay.ended() || copies.size() == n) {
            ended.add(new Outcome(board(copies, n), probability));
          } else {
            VoteBoard board = board(copies, n);
            String state = sampling.decisions(board) + " " + copies.stream().filter(c -> c).count();
            next.merge(state, new Walk(copies, probability), (a, b) -> a.plus(b.probability));
          }
        }
      }
      level = next;
    }
    return ended;
  }

  /** A way not ended yet, standing for all with the same future. */
  private record Walk(List<Boolean> copies, double probability) {
    Walk plus(double more) {
      return new Walk(copies, probability + more);
    }
  }

  private static VoteBoard board(List<Boolean> copies, int n) {
    VoteBoard board = new VoteBoard(0, new SamplingPlan(1, n, 1), 3);
    board.set(0, 1);
    for (int i = 0; i < copies.size(); i++) {
      board.set(1 + i, copies.get(i) ? 1 : 2);
    }
    return board;
  }

  @Test
  void copiesBeyondTheEndCountForNothing() {
    List<Boolean> copies = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      copies.add(true);
    }
    AdaptiveSampling sampling = new AdaptiveSampling(SIGMA, 0.001, List.of(0.25), 200);
    Certificate c = sampling.certify(board(copies, 200));
    assertEquals(List.of(Decision.PROVED), sampling.decisions(board(copies, 200)));
    assertTrue(c.n() < 40 && c.nA() == c.n(), c.toString());
    assertTrue(c.radius() >= 0.25 && c.pABar() < 0.8, c.toString());
    for (int i = (int) c.n(); i < 200; i++) {
      copies.set(i, false);
    }
    assertEquals(c, sampling.certify(board(copies, 200)));
  }

  @Test
  void aTargetThatTheRemainingCopiesCannotProveIsOpen() {
    List<Boolean> copies = new ArrayList<>(List.of(false, false, false));
    AdaptiveSampling sampling = new AdaptiveSampling(SIGMA, 0.001, List.of(0.5), 60);
    Certificate c = sampling.certify(board(copies, 60));
    assertTrue(c.abstains());
    assertEquals(List.of(Decision.OPEN), sampling.decisions(board(copies, 60)));
    assertTrue(c.n() <= 3, c.toString());
  }

  @Test
  void aSmallerRadiusIsRefutedNoEarlierThanALargerOne() {
    List<Boolean> copies = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      copies.add(i % 3 == 0);
    }
    AdaptiveSampling sampling = new AdaptiveSampling(SIGMA, 0.001, List.of(0.25, 0.0), 1000);
    VoteBoard board = board(copies, 1000);
    assertEquals(List.of(0.0, 0.25), sampling.radii());
    assertEquals(Decision.REFUTED, sampling.decisions(board).get(1));
    Certificate c = sampling.certify(board);
    assertTrue(c.abstains() && c.radius() == 0 && c.pABar() < 0.5, c.toString());
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, 0.9, 1e6})
  void aTargetThatNoVotesCouldProveIsRefused(double radius) {
    InputException e =
        assertThrows(
            InputException.class,
            () -> new AdaptiveSampling(SIGMA, 0.001, List.of(0.1, radius), 100));
    assertTrue(e.getMessage().contains("the target radius " + radius), e.getMessage());
    assertTrue(e.getMessage().contains("less than 0.7"), e.getMessage());
  }

  /** Batches are not filled with copies of an image that is about to end while others wait. */
  @Test
  void largeBatchesAreSharedByImages() {
    SamplingPlan plan = new SamplingPlan(20, 3000, 1);
    AdaptiveSampling sampling = new AdaptiveSampling(SIGMA, 0.001, List.of(0.5), 3000);
    Labels labels = new Labels(plan, 40, 60, 3, 512); // all of class 0
    List<VoteBoard> done = run(labels, new EarlyVoting(sampling, 2048));
    long needed = done.stream().mapToLong(b -> 20 + sampling.certify(b).n()).sum();
    assertTrue(labels.computed < needed + 512, labels.computed + " for " + needed);
  }

  /**
   * The bundled networks' votes on twenty bundled images ({@code certify --sigma 0.25 --N 2000
   * --one-shot --exhaustive}): the bar is a third of the copies for two radii at once, and for
   * each.
   */
  @ParameterizedTest
  @ValueSource(strings = {"0.25", "0.5", "0.25,0.5"})
  void recordedVotesNeedAThirdOfTheCopies(String targets) throws IOException {
    List<Double> radii = new ArrayList<>();
    for (String target : targets.split(",")) {
      radii.add(Double.parseDouble(target));
    }
    int n = 2000;
    AdaptiveSampling sampling = new AdaptiveSampling(0.25, 0.001, radii, n);
    VoteCertifier fixed = new VoteCertifier(0.25, 0.001);
    List<VoteBoard> boards = recordedVotes();
    long taken = 0;
    long fixedTaken = 0;
    int same = 0;
    for (VoteBoard board : boards) {
      Certificate c = sampling.certify(board);
      Certificate f = fixed.certify(board);
      taken += c.n();
      fixedTaken += fixed.certifyEarly(board).n();
      for (double radius : radii) {
        boolean certified = !c.abstains() && c.radius() >= radius;
        boolean fixedCertified = !f.abstains() && f.radius() >= radius;
        same += certified == fixedCertified ? 1 : 0;
        assertTrue(
            certified == fixedCertified || Math.abs(f.radius() - radius) < 0.01,
            "image " + board.image() + ": " + c + " against " + f);
      }
    }
    System.out.printf(
        "target %s: %d of %d copies, %.1f times fewer; %d of %d decisions as with all N%n",
        targets,
        taken,
        fixedTaken,
        (double) fixedTaken / taken,
        same,
        boards.size() * radii.size());
    assertTrue(taken * 3 <= fixedTaken, taken + " copies");
  }

  private static List<VoteBoard> recordedVotes() throws IOException {
    List<VoteBoard> boards = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(VOTES))) {
      if (!line.startsWith("#")) {
        String[] words = line.split(" ");
        VoteBoard board =
            new VoteBoard(Integer.parseInt(words[0]), new SamplingPlan(100, 2000, 1), 10);
        for (int i = 0; i < board.plan().lanes(); i++) {
          board.set(i, words[2].charAt(i) - '0');
        }
        boards.add(board);
      }
    }
    return boards;
  }
}
