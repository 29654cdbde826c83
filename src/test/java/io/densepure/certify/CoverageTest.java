package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A certificate is wrong with probability at most alpha: for classifiers whose probabilities are
 * known, so that the true radius is.
 */
class CoverageTest {
  private static final double SIGMA = 0.5;

  /** Of a simulation's verdict; seeds are fixed, so it holds or not for good. */
  private static final double FALSE_ALARM = 1e-6;

  /** Without chance: the probabilities of all counts for which the bound is too high, summed up. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10, 100, 1000, 10_000})
  void theBoundIsTooHighWithProbabilityAlphaAtMost(int n) {
    double closest = 0;
    for (double alpha : new double[] {0.3, 0.05, 0.001}) {
      for (double p : probabilities(n, alpha)) {
        double wrong = probabilityOfAWrongBound(p, n, alpha);
        assertTrue(wrong <= alpha * (1 + 1e-6), n + " copies, alpha " + alpha + ", p " + p);
        closest = Math.max(closest, wrong / alpha);
      }
    }
    assertTrue(closest > 0.999, "the bound is no better than it must be: " + closest);
  }

  /** From one half on, with those just below a bound, where it fails most. */
  private static List<Double> probabilities(int n, double alpha) {
    List<Double> all = new ArrayList<>();
    for (double p = 0.5; p < 1; p += 0.0173) {
      all.add(p);
    }
    for (int k = n / 2; k <= n; k += Math.max(1, n / 40)) {
      all.add(ConfidenceBounds.lower(k, n, alpha) * (1 - 1e-9));
    }
    all.add(ConfidenceBounds.lower(n, n, alpha) * (1 - 1e-9));
    all.removeIf(p -> p <= 0);
    return all;
  }

  private static double probabilityOfAWrongBound(double p, int n, double alpha) {
    int fewest = n + 1; // the fewest copies for which the bound exceeds p
    while (fewest > 0 && ConfidenceBounds.lower(fewest - 1, n, alpha) > p) {
      fewest--;
    }
    return BinomialDistribution.of(n, p).survivalProbability(fewest - 1);
  }

  /**
   * The whole chain, from single votes over early voting and majorities to the certificate: how
   * often it certifies more than is true.
   *
   * @param q probability that one vote is for class 1, else it is for class 0
   */
  @ParameterizedTest
  @CsvSource({
    "0.50, 1", "0.51, 1", "0.55, 1", "0.70, 1", "0.90, 1", "0.50, 3", "0.52, 3", "0.60, 3",
    "0.75, 3", "0.50, 4", "0.53, 4", "0.65, 4", "0.48, 5", "0.55, 5", "0.62, 5", "0.75, 5"
  })
  void certificatesFromVotesAreWrongWithProbabilityAlphaAtMost(double q, int votes) {
    int trials = 4000;
    double alpha = 0.05;
    SamplingPlan plan = new SamplingPlan(9, 60, votes);
    double p1 = majority(q, votes);
    VoteCertifier certifier = new VoteCertifier(SIGMA, alpha);
    int wrong = 0;
    int given = 0;
    for (VoteBoard board : simulate(q, plan, trials, new EarlyVoting(certifier, 24))) {
      Certificate certificate = certifier.certifyEarly(board);
      double truth = certificate.prediction() == 1 ? p1 : 1 - p1;
      if (!certificate.abstains()) {
        given++;
        double trueRadius = truth <= 0.5 ? 0 : SIGMA * ConfidenceBounds.normalQuantile(truth);
        wrong += truth < 0.5 || certificate.radius() > trueRadius ? 1 : 0;
      }
    }
    String rates = wrong + " of " + trials + " are wrong, " + given + " certified; p " + p1;
    BinomialDistribution worst = BinomialDistribution.of(trials, alpha);
    assertTrue(wrong <= worst.inverseCumulativeProbability(1 - FALSE_ALARM), rates);
    if (p1 > 0.85) { // the selection picks class 1, for sure: the rate is known exactly
      double exactly = probabilityOfAWrongBound(p1, plan.n(), alpha);
      BinomialDistribution right = BinomialDistribution.of(trials, exactly);
      assertTrue(wrong >= right.inverseCumulativeProbability(FALSE_ALARM / 2), rates);
      assertTrue(wrong <= right.inverseCumulativeProbability(1 - FALSE_ALARM / 2), rates);
    }
  }

  /** P[class 1 wins]; of a tie both classes win one half, as the first vote decides. */
  private static double majority(double q, int votes) {
    BinomialDistribution ones = BinomialDistribution.of(votes, q);
    double more = ones.survivalProbability(votes / 2);
    return votes % 2 == 1 ? more : more + ones.probability(votes / 2) / 2;
  }

  /** One image a trial. */
  private static List<VoteBoard> simulate(
      double q, SamplingPlan plan, int trials, VotePolicy policy) {
    List<VoteBoard> boards = new ArrayList<>();
    LaneClassifier device =
        new BatchClassifier() {
          private final SplittableRandom random = new SplittableRandom(20_241_124);

          @Override
          public int batchSize() {
            return 16;
          }

          @Override
          public int classes() {
            return 2;
          }

          @Override
          public int[] classify(List<Lane> lanes) {
            return lanes.stream().mapToInt(lane -> random.nextDouble() < q ? 1 : 0).toArray();
          }

          @Override
          public void close() {}
        };
    List<Integer> images = IntStream.range(0, trials).boxed().toList();
    assertTrue(
        new LaneScheduler(List.of(device), policy)
            .run(images, image -> new VoteBoard(image, plan, 2), boards::add));
    assertEquals(trials, boards.size());
    return boards;
  }
}
