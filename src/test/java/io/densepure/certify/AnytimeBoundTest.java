package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Scale;
import org.apache.commons.numbers.gamma.RegularizedBeta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The anytime bound errs as seldom as it says, however often one looks. */
class AnytimeBoundTest {
  /**
   * P[after some n up to {@code trials}, p0 is "proved"] if the truth is {@code p}: exact, by the
   * distribution of the successes of the walks that have not crossed the boundary yet.
   */
  private static double crossing(double p0, double alpha, double p, int trials) {
    ProofBoundary boundary = new ProofBoundary(p0, alpha);
    double[] at = new double[trials + 2]; // [successes]
    at[0] = 1;
    double crossed = 0;
    for (int n = 1; n <= trials; n++) {
      for (int k = n; k >= 0; k--) {
        at[k] = at[k] * (1 - p) + (k == 0 ? 0 : at[k - 1] * p);
      }
      for (int k = boundary.needed(n); k <= n; k++) {
        crossed += at[k];
        at[k] = 0;
      }
    }
    return crossed;
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.001",
    "0.6915, 0.001",
    "0.8413, 0.001",
    "0.9772, 0.001",
    "0.99, 0.001",
    "0.5, 0.05",
    "0.8413, 0.05",
    "0.9772, 0.05",
    "0.1587, 0.001",
    "0.0228, 0.05",
    "0.9, 0.4"
  })
  void falseProofsAreNoMoreFrequentThanAlphaExactly(double p0, double alpha) {
    double error = crossing(p0, alpha, p0, 3000);
    System.out.printf("p0 %s, alpha %s: false proofs %.3g%n", p0, alpha, error);
    assertTrue(error <= alpha, "false proofs with probability " + error);
    assertTrue(error >= alpha / 20, "a bound that never errs proves too little: " + error);
    assertTrue(crossing(p0, alpha, 0.97 * p0, 1000) <= error, "less p, more proofs");
  }

  @Test
  void coverageShownBySimulation() {
    double p = 0.9;
    double alpha = 0.05;
    int runs = 4000;
    Random random = new Random(7);
    int wrong = 0;
    for (int run = 0; run < runs; run++) {
      int k = 0;
      boolean errs = false;
      for (int n = 1; n <= 300 && !errs; n++) {
        k += random.nextDouble() < p ? 1 : 0;
        // lower(k, n) > p, without the sixty halvings unless it is near
        errs = AnytimeBound.proves(k, n, p, alpha) && AnytimeBound.lower(k, n, alpha) > p;
      }
      wrong += errs ? 1 : 0;
    }
    System.out.printf("simulated: wrong at some time in %d of %d runs%n", wrong, runs);
    assertTrue(wrong <= alpha * runs, wrong + " of " + runs);
    assertTrue(wrong > 0, "errors must be possible at this alpha");
  }

  /** The closed form against the integral it comes from, with q = 1 - u^2. */
  @Property(tries = 200)
  void wealthIsTheAverageLikelihoodRatio(
      @ForAll @IntRange(min = 0, max = 60) int n,
      @ForAll @IntRange(min = 0, max = 60) int failures,
      @ForAll @DoubleRange(min = 0.05, max = 0.98) double p0) {
    int k = Math.max(0, n - failures);
    int steps = 4000;
    double width = Math.sqrt(1 - p0);
    double sum = 0;
    for (int i = 0; i <= steps; i++) { // Simpson's rule
      double u = width * i / steps;
      double ratio =
          Math.pow((1 - u * u) / p0, k) * Math.pow(u * u / (1 - p0), n - k); // at q = 1 - u^2
      sum += ratio * (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2);
    }
    assertEquals(
        Math.log(sum / (3 * steps)), AnytimeBound.logWealth(k, n, p0), 1e-7, "k " + k + " n " + n);
  }

  /**
   * At p = p0 the next trial leaves the wealth as it is on average; at less p, it takes from it.
   */
  @Property(tries = 500)
  void theBetIsFairAtMost(
      @ForAll @IntRange(min = 0, max = 5000) int n,
      @ForAll @DoubleRange(min = 0, max = 1) @Scale(4) double share,
      @ForAll @DoubleRange(min = 0.01, max = 0.999) @Scale(3) double p0) {
    int k = (int) Math.round(share * n);
    double now = AnytimeBound.logWealth(k, n, p0);
    if (now < -600 || RegularizedBeta.complement(p0, k + 1, n - k + 1.5) < Double.MIN_NORMAL) {
      return; // the wealth is no double, or its formula's tail has lost digits: far below k = p0 n
    }
    double won = Math.exp(AnytimeBound.logWealth(k + 1, n + 1, p0) - now);
    double lost = Math.exp(AnytimeBound.logWealth(k, n + 1, p0) - now);
    assertEquals(1, p0 * won + (1 - p0) * lost, 1e-8);
    assertTrue(won >= 1 && lost <= 1, won + " " + lost);
  }

  @Property(tries = 300)
  void theBoundIsTheEndOfWhatIsProved(
      @ForAll @IntRange(min = 1, max = 3000) int n,
      @ForAll @DoubleRange(min = 0, max = 1) @Scale(4) double share,
      @ForAll @DoubleRange(min = 1e-6, max = 0.9) @Scale(6) double alpha) {
    int k = (int) Math.round(share * n);
    double lower = AnytimeBound.lower(k, n, alpha);
    if (lower > 1e-9) {
      for (double part : new double[] {0.01, 0.3, 0.9, 0.999, 1}) {
        assertTrue(AnytimeBound.proves(k, n, part * lower, alpha), "at " + part);
      }
    }
    double above = lower + 1e-6;
    while (above < 1) { // and nothing beyond it is
      assertTrue(!AnytimeBound.proves(k, n, above, alpha), lower + ", but also " + above);
      above += (1 - lower) / 40;
    }
    assertTrue(lower <= ConfidenceBounds.lower(k, n, alpha) + 1e-9, "looking often costs");
    assertTrue(k == n || lower <= AnytimeBound.lower(k + 1, n, alpha));
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.001", "0.6915, 0.05", "0.9772, 0.001", "0.0228, 0.001", "0.3, 0.5"})
  void theBoundaryIsTheFewestSuccessesThatProve(double p0, double alpha) {
    ProofBoundary boundary = new ProofBoundary(p0, alpha);
    assertEquals(AnytimeBound.needed(2500, p0, alpha), boundary.needed(2500));
    for (int n = 0; n <= 400; n++) {
      int needed = 0;
      while (needed <= n && !AnytimeBound.proves(needed, n, p0, alpha)) {
        needed++;
      }
      assertEquals(needed, boundary.needed(n), "n " + n);
      assertEquals(needed, AnytimeBound.needed(n, p0, alpha), "n " + n);
    }
  }

  @Test
  void withManyTrialsTheBoundIsNearTheTruth() {
    double lower = AnytimeBound.lower(99_000, 100_000, 0.001);
    assertTrue(
        lower > 0.9885 && lower < ConfidenceBounds.lower(99_000, 100_000, 0.001), "" + lower);
    assertEquals(0, AnytimeBound.lower(0, 0, 0.001));
    assertEquals(0, AnytimeBound.lower(0, 100, 0.001));
  }
}
