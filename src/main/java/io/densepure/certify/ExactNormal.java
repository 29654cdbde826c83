package io.densepure.certify;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * The standard normal's distribution function to far more digits than a double has, as whole
 * multiples of 2^-320.
 *
 * <p>For x >= 0 it is 1/2 + phi(x) (x + x^3/3 + x^5/(3·5) + x^7/(3·5·7) + …), a sum of positive
 * terms. Every operation is off by less than a few units of the last place, relative to its result;
 * there are fewer than a thousand, and the twelve squarings of the exponential multiply its error
 * by 2^12. So the result is off by less than 2^-280; 2^-200 is relied on.
 */
final class ExactNormal {
  /** Binary places. */
  static final int BITS = 320;

  static final BigInteger ONE = BigInteger.ONE.shiftLeft(BITS);

  /** More than the error of {@link #cdf}: 2^-200. */
  static final BigInteger ERROR = BigInteger.ONE.shiftLeft(BITS - 200);

  /** Beyond it the tail is less than {@link #ERROR}. */
  private static final BigDecimal FAR = BigDecimal.valueOf(20);

  private static final int HALVINGS = 12;
  private static final MathContext DIGITS = new MathContext(110);
  private static final BigDecimal PI =
      new BigDecimal(
          "3.14159265358979323846264338327950288419716939937510"
              + "58209749445923078164062862089986280348253421170679");
  private static final BigInteger SQRT_2_PI =
      fixed(PI.multiply(BigDecimal.valueOf(2)).sqrt(DIGITS));

  private ExactNormal() {}

  /** {@code x} rounded down to a multiple of 2^-320, in these units; x is not negative. */
  static BigInteger fixed(BigDecimal x) {
    return x.multiply(new BigDecimal(ONE)).toBigInteger();
  }

  /** P[N(0, 1) <= x] in units of 2^-320, off by less than {@link #ERROR}. */
  static BigInteger cdf(BigDecimal x) {
    if (x.signum() < 0) {
      return ONE.subtract(cdf(x.negate()));
    }
    if (x.compareTo(FAR) > 0) {
      return ONE;
    }
    BigInteger at = fixed(x);
    BigInteger square = times(at, at);
    // The density alone could be too small for these units.
    BigInteger perDensity = times(exp(square.shiftRight(1)), SQRT_2_PI);
    BigInteger half = ONE.shiftRight(1);
    return half.add(oddSeries(at, square).shiftLeft(BITS).divide(perDensity));
  }

  private static BigInteger oddSeries(BigInteger x, BigInteger square) {
    BigInteger term = x;
    BigInteger sum = x;
    for (int odd = 3; term.signum() > 0; odd += 2) {
      term = times(term, square).divide(BigInteger.valueOf(odd));
      sum = sum.add(term);
    }
    return sum;
  }

  /** e^y for y >= 0. */
  private static BigInteger exp(BigInteger y) {
    BigInteger part = y.shiftRight(HALVINGS);
    BigInteger term = ONE;
    BigInteger sum = ONE;
    for (int i = 1; term.signum() > 0; i++) {
      term = times(term, part).divide(BigInteger.valueOf(i));
      sum = sum.add(term);
    }
    for (int i = 0; i < HALVINGS; i++) {
      sum = times(sum, sum);
    }
    return sum;
  }

  private static BigInteger times(BigInteger a, BigInteger b) {
    return a.multiply(b).shiftRight(BITS);
  }
}
