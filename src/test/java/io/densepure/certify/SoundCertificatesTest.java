package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

/** Bounds and radii err to the safe side only, and by little. */
class SoundCertificatesTest {
  private static final BigDecimal NONE = BigDecimal.ZERO;

  /** P[Binomial(n, p) >= k] without any rounding. */
  private static BigDecimal exactTail(int k, int n, BigDecimal p) {
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal choose = BigDecimal.ONE;
    for (int i = 0; i <= n; i++) {
      if (i >= k) {
        sum = sum.add(choose.multiply(p.pow(i)).multiply(BigDecimal.ONE.subtract(p).pow(n - i)));
      }
      choose = choose.multiply(BigDecimal.valueOf(n - i)).divide(BigDecimal.valueOf(i + 1));
    }
    return sum;
  }

  @Property(tries = 300)
  void theTailIsBoundedFromAboveAndClosely(
      @ForAll @IntRange(min = 1, max = 60) int n,
      @ForAll @DoubleRange(min = 0, max = 1) @Scale(4) double share,
      @ForAll @DoubleRange(min = 0.01, max = 0.99) double below) {
    int k = Math.max(1, (int) Math.round(share * n));
    BigDecimal p = BigDecimal.valueOf(Math.round(1000 * below * k / n)).movePointLeft(3);
    if (p.signum() == 0) {
      return;
    }
    BigDecimal exact = exactTail(k, n, p);
    BigDecimal bound = SoundCertificates.upperTail(k, n, p);
    assertTrue(bound.compareTo(exact) >= 0, bound + " < " + exact);
    assertTrue(bound.compareTo(exact.multiply(new BigDecimal("1.00000000001"))) <= 0, "too much");
  }

  @Property(tries = 200)
  void boundAndRadiusAreSafeAndClose(
      @ForAll @LongRange(min = 1, max = 20_000) long n,
      @ForAll @DoubleRange(min = 0.5, max = 1) @Scale(4) double share,
      @ForAll @DoubleRange(min = 0.0001, max = 0.3) @Scale(4) double alpha,
      @ForAll @DoubleRange(min = 0.05, max = 2) double sigma) {
    long k = Math.max(1, Math.round(share * n));
    SoundCertificates sound = new SoundCertificates(sigma, alpha, NONE);
    double lower = sound.lower(k, n);
    double usual = ConfidenceBounds.lower(k, n, alpha);
    assertTrue(
        SoundCertificates.upperTail(k, n, new BigDecimal(lower)).compareTo(new BigDecimal(alpha))
            <= 0);
    assertEquals(usual, lower, 1e-8 * usual);
    if (lower > 0.5) {
      double radius = sound.radius(lower);
      BigDecimal printed = new BigDecimal(PythonFormat.radius3(radius));
      BigDecimal x = printed.divide(new BigDecimal(sigma), MathContext.DECIMAL128);
      assertTrue(
          new BigDecimal(ExactNormal.cdf(x))
                  .compareTo(new BigDecimal(lower).multiply(new BigDecimal(ExactNormal.ONE)))
              <= 0,
          "printed radius " + printed);
      double ideal = sigma * ConfidenceBounds.normalQuantile(lower);
      assertTrue(radius <= ideal && radius >= 0.99 * ideal - 1e-9, radius + " for " + ideal);
    }
  }

  @Test
  void whatTheTableWouldRoundUpIsRoundedDown() {
    Certificate usual =
        new VoteCertifier(0.25, 0.001).certify(new long[] {1}, new long[] {1993, 7});
    assertEquals("0.584", PythonFormat.radius3(usual.radius())); // of 0.58365…
    Certificate safe = new SoundCertificates(0.25, 0.001, NONE).of(usual);
    assertEquals("0.583", PythonFormat.radius3(safe.radius()));
    assertEquals(usual.prediction(), safe.prediction());
    assertEquals(1993, safe.nA());
  }

  @Test
  void largeCountsDoNotTakeLong() {
    SoundCertificates sound = new SoundCertificates(0.25, 0.001, NONE);
    double lower = sound.lower(99_000, 100_000);
    assertEquals(ConfidenceBounds.lower(99_000, 100_000, 0.001), lower, 1e-8);
    assertEquals(0, sound.lower(0, 100));
  }

  @Test
  void theNoisesDistanceToTheIdealIsTakenOffAlpha() {
    double usual = new SoundCertificates(0.25, 0.001, NONE).lower(990, 1000);
    double less = new SoundCertificates(0.25, 0.001, new BigDecimal("0.0009")).lower(990, 1000);
    assertEquals(ConfidenceBounds.lower(990, 1000, 0.0001), less, 1e-8);
    assertTrue(less < usual);
  }

  @Test
  void abstentionsStay() {
    Certificate abstains = new Certificate(Certificate.ABSTAIN, 0, 0.4, 50, 100);
    SoundCertificates sound = new SoundCertificates(0.25, 0.001, NONE);
    assertEquals(abstains, sound.of(abstains));
    // Fifty percent by a hair in doubles is not proved to be fifty percent.
    assertTrue(sound.of(new Certificate(0, 0, 0.5, 1, 1)).abstains());
  }
}
