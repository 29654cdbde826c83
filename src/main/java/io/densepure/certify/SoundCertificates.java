package io.densepure.certify;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Turns certificates into such as hold in spite of rounding: the bound on the probability is
 * checked with numbers that are only ever rounded to the safe side, and so is the radius, which is
 * rounded down to the three digits of the table of results.
 */
final class SoundCertificates {
  private static final MathContext UP = new MathContext(50, RoundingMode.UP);
  private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.DOWN);

  /** First step back from the bound that doubles give, as a share of it. */
  private static final double FIRST_STEP = 0x1p-36;

  /** What is left of a sum may be this share of it. */
  private static final BigDecimal NEGLIGIBLE = new BigDecimal("1e-15");

  private final BigDecimal sigma;
  private final BigDecimal alpha;

  /**
   * @param alpha probability that a certificate may be wrong
   * @param variation what of it is taken up by the noise being drawn not quite ideally
   */
  SoundCertificates(double sigma, double alpha, BigDecimal variation) {
    this.sigma = new BigDecimal(sigma);
    this.alpha = new BigDecimal(alpha).subtract(variation);
  }

  /** The same counts, safely. */
  Certificate of(Certificate certificate) {
    if (certificate.abstains()) {
      return certificate;
    }
    double pABar = lower(certificate.nA(), certificate.n());
    if (pABar < 0.5) {
      return new Certificate(Certificate.ABSTAIN, 0, pABar, certificate.nA(), certificate.n());
    }
    return new Certificate(
        certificate.prediction(), radius(pABar), pABar, certificate.nA(), certificate.n());
  }

  /**
   * A lower confidence bound that is safe: P[Binomial(n, it) >= k] is proved to be at most alpha.
   * Clopper and Pearson's, but for about ten digits.
   */
  double lower(long k, long n) {
    if (k == 0) {
      return 0;
    }
    double bound = ConfidenceBounds.lower(k, n, alpha.doubleValue());
    double step = FIRST_STEP;
    double safe = bound * (1 - step);
    while (safe > 0 && upperTail(k, n, new BigDecimal(safe)).compareTo(alpha) > 0) {
      step *= 4;
      safe = bound * Math.max(0, 1 - step);
    }
    return safe;
  }

  /** No less than P[Binomial(n, p) >= k], for p below k / n and k at least 1. */
  static BigDecimal upperTail(long k, long n, BigDecimal p) {
    BigDecimal q = BigDecimal.ONE.subtract(p);
    BigDecimal odds = p.divide(q, UP);
    BigDecimal term = choose(n, k).multiply(power(p, k), UP).multiply(power(q, n - k), UP);
    BigDecimal sum = term;
    for (long i = k; i < n; i++) {
      BigDecimal ratio =
          odds.multiply(BigDecimal.valueOf(n - i)).divide(BigDecimal.valueOf(i + 1), UP);
      BigDecimal rest = geometric(term, ratio);
      if (rest != null && rest.compareTo(sum.multiply(NEGLIGIBLE)) < 0) {
        return sum.add(rest, UP);
      }
      term = term.multiply(ratio, UP);
      sum = sum.add(term, UP);
    }
    return sum;
  }

  /** No less than term·(ratio + ratio² + …), which the rest is below as ratios fall; or null. */
  private static BigDecimal geometric(BigDecimal term, BigDecimal ratio) {
    BigDecimal gap = BigDecimal.ONE.subtract(ratio);
    return gap.signum() > 0 ? term.multiply(ratio).divide(gap, UP) : null;
  }

  private static BigDecimal choose(long n, long k) {
    BigDecimal product = BigDecimal.ONE;
    long factors = Math.min(k, n - k);
    for (long i = 1; i <= factors; i++) {
      product =
          product
              .multiply(BigDecimal.valueOf(n - factors + i), UP)
              .divide(BigDecimal.valueOf(i), UP);
    }
    return product;
  }

  /** No less than base^exponent. */
  private static BigDecimal power(BigDecimal base, long exponent) {
    BigDecimal result = BigDecimal.ONE;
    BigDecimal square = base;
    for (long e = exponent; e > 0; e >>= 1) {
      if ((e & 1) == 1) {
        result = result.multiply(square, UP);
      }
      square = square.multiply(square, UP);
    }
    return result;
  }

  /** The largest radius of three digits that is proved to be at most sigma·Phi^-1(pABar). */
  double radius(double pABar) {
    BigInteger limit = ExactNormal.fixed(new BigDecimal(pABar)).subtract(ExactNormal.ERROR);
    double guess = sigma.doubleValue() * ConfidenceBounds.normalQuantile(pABar);
    BigDecimal radius = new BigDecimal(guess).round(THREE_DIGITS);
    while (radius.signum() > 0 && !isSafe(radius, limit)) {
      radius = radius.subtract(radius.ulp());
    }
    return radius.signum() > 0 ? radius.doubleValue() : 0;
  }

  /** The digits that are printed, and the double that they stand for, are both small enough. */
  private boolean isSafe(BigDecimal radius, BigInteger limit) {
    BigDecimal larger = radius.max(new BigDecimal(radius.doubleValue()));
    return ExactNormal.cdf(larger.divide(sigma, UP)).compareTo(limit) <= 0;
  }
}
