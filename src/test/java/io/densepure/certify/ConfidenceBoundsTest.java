package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfidenceBoundsTest {
  private final StatsReference reference = new StatsReference();

  @Test
  void clopperPearsonIsThatOfStatsmodels() {
    for (JsonNode c : reference.cases("confint")) {
      long k = c.get("k").asLong();
      long n = c.get("n").asLong();
      double alpha = c.get("alpha").asDouble();
      double lower = ConfidenceBounds.lower(k, n, alpha);
      reference.assertClose(c.get("lower"), lower, c);
      reference.assertClose(c.get("upper"), ConfidenceBounds.upper(k, n, alpha), c);
      reference.assertClose(c.get("ppf_lower"), ConfidenceBounds.normalQuantile(lower), c);
      assertEquals(c.get("abstain").asBoolean(), lower < 0.5, c.toString());
    }
    reference.printShareUsed("Clopper-Pearson");
  }

  @Test
  void normalQuantileIsThatOfScipy() {
    for (JsonNode c : reference.cases("norm_ppf")) {
      double p = StatsReference.number(c.get("p"));
      reference.assertClose(c.get("ppf"), ConfidenceBounds.normalQuantile(p), c);
    }
    reference.printShareUsed("normal quantile");
  }

  @Test
  void binomTestIsThatOfScipy() {
    for (JsonNode c : reference.cases("binom_test")) {
      long count1 = c.get("count1").asLong();
      long count2 = c.get("count2").asLong();
      reference.assertClose(c.get("p"), ConfidenceBounds.binomTest(count1, count2), c);
      reference.assertClose(c.get("p"), ConfidenceBounds.binomTest(count2, count1), c);
    }
    reference.printShareUsed("binomial test");
  }

  /** P[Binomial(n, p) >= n] = p^n and P[Binomial(n, p) >= 1] = 1 - (1 - p)^n. */
  @ParameterizedTest
  @CsvSource({
    "1, 0.001",
    "1, 1e-12",
    "3, 0.5",
    "100, 1e-300",
    "100, 1e-9",
    "100000, 0.001",
    "100000, 1e-12",
    "10000000, 0.001",
    "1000000000, 0.05"
  })
  void endsHaveAClosedForm(long n, double alpha) {
    double all = Math.exp(Math.log(alpha) / n);
    double one = -Math.expm1(Math.log1p(-alpha) / n);
    assertEquals(all, ConfidenceBounds.lower(n, n, alpha), 1e-12 * all);
    assertEquals(one, ConfidenceBounds.lower(1, n, alpha), 1e-9 * one);
    double none = -Math.expm1(Math.log(alpha) / n);
    assertEquals(none, ConfidenceBounds.upper(0, n, alpha), 1e-9 * none);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 10, 999, 100_000})
  void upperMirrorsLower(long n) {
    for (long k = 0; k <= n; k += Math.max(1, n / 7)) {
      double mirrored = 1 - ConfidenceBounds.lower(n - k, n, 0.001);
      assertEquals(mirrored, ConfidenceBounds.upper(k, n, 0.001), 1e-14);
    }
  }

  /** The paper's ceiling: every one of N samples agrees. */
  @ParameterizedTest
  @CsvSource({
    "10000, 0.25, 0.7996", "10000, 0.5, 1.5993", "10000, 1, 3.1986",
    "100000, 0.25, 0.9529", "100000, 0.5, 1.9057", "100000, 1, 3.8115"
  })
  void highestReachableRadius(long n, double sigma, double radius) {
    double pABar = ConfidenceBounds.lower(n, n, 0.001);
    assertEquals(radius, sigma * ConfidenceBounds.normalQuantile(pABar), 5e-5);
  }

  @Test
  void refusesImpossibleCounts() {
    assertThrows(IllegalArgumentException.class, () -> ConfidenceBounds.lower(2, 1, 0.1));
    assertThrows(IllegalArgumentException.class, () -> ConfidenceBounds.lower(-1, 1, 0.1));
    assertThrows(IllegalArgumentException.class, () -> ConfidenceBounds.upper(0, 0, 0.1));
    assertThrows(IllegalArgumentException.class, () -> ConfidenceBounds.lower(1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> ConfidenceBounds.lower(1, 1, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> ConfidenceBounds.binomTest(-1, 3));
  }
}
