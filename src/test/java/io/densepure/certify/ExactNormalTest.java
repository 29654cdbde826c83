package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExactNormalTest {
  private static final MathContext DIGITS = new MathContext(90);
  private static final BigDecimal TOLERANCE = BigDecimal.ONE.movePointLeft(60); // about 2^-200

  private static BigDecimal cdf(String x) {
    return new BigDecimal(ExactNormal.cdf(new BigDecimal(x)))
        .divide(new BigDecimal(ExactNormal.ONE), DIGITS);
  }

  /** From tables of erf(x / sqrt 2). */
  @ParameterizedTest
  @CsvSource({
    "1, 0.682689492137085897170465091264",
    "2, 0.954499736103641585599434725667",
    "3, 0.997300203936739810946696370465",
  })
  void tableValues(String x, String central) {
    BigDecimal inside = cdf(x).multiply(BigDecimal.valueOf(2)).subtract(BigDecimal.ONE);
    assertTrue(
        inside.subtract(new BigDecimal(central)).abs().compareTo(new BigDecimal("6e-31")) < 0,
        inside.toString());
  }

  /** Another way to the same number: Laplace's continued fraction of the tail. */
  @ParameterizedTest
  @ValueSource(strings = {"4", "5.5", "8.125", "13", "14.03", "19.9"})
  void continuedFraction(String x) {
    BigDecimal at = new BigDecimal(x);
    BigDecimal fraction = at;
    for (int i = 4000; i >= 1; i--) {
      fraction = at.add(BigDecimal.valueOf(i).divide(fraction, DIGITS));
    }
    BigDecimal tail = density(at).divide(fraction, DIGITS);
    BigDecimal difference = BigDecimal.ONE.subtract(cdf(x)).subtract(tail).abs();
    assertTrue(difference.compareTo(TOLERANCE) < 0, difference.toString());
    assertTrue(cdf("-" + x).subtract(tail).abs().compareTo(TOLERANCE) < 0, "and on the other side");
  }

  private static BigDecimal density(BigDecimal x) {
    BigDecimal y = x.multiply(x).divide(BigDecimal.valueOf(2), DIGITS);
    BigDecimal term = BigDecimal.ONE;
    BigDecimal exp = BigDecimal.ONE;
    for (int i = 1; i < 1500; i++) {
      term = term.multiply(y, DIGITS).divide(BigDecimal.valueOf(i), DIGITS);
      exp = exp.add(term, DIGITS);
    }
    BigDecimal root = machinPi().multiply(BigDecimal.valueOf(2)).sqrt(DIGITS);
    return BigDecimal.ONE.divide(exp.multiply(root, DIGITS), DIGITS);
  }

  /** pi = 16 arctan(1/5) - 4 arctan(1/239). */
  private static BigDecimal machinPi() {
    return arctanOfInverse(5)
        .multiply(BigDecimal.valueOf(16))
        .subtract(arctanOfInverse(239).multiply(BigDecimal.valueOf(4)));
  }

  private static BigDecimal arctanOfInverse(int n) {
    BigDecimal power = BigDecimal.ONE.divide(BigDecimal.valueOf(n), DIGITS);
    BigDecimal sum = power;
    for (int k = 3; k < 300; k += 2) {
      power = power.divide(BigDecimal.valueOf((long) -n * n), DIGITS);
      sum = sum.add(power.divide(BigDecimal.valueOf(k), DIGITS), DIGITS);
    }
    return sum;
  }

  @Test
  void agreesWithDoublesAndNeverFalls() {
    BigInteger before = BigInteger.ZERO;
    for (int i = -42; i <= 42; i++) {
      BigInteger now = ExactNormal.cdf(BigDecimal.valueOf(i / 2.0));
      assertTrue(now.compareTo(before) >= 0, "at " + i / 2.0);
      before = now;
      assertEquals(
          ConfidenceBounds.normalCdf(i / 2.0),
          new BigDecimal(now).divide(new BigDecimal(ExactNormal.ONE), DIGITS).doubleValue(),
          4e-16);
    }
  }
}
