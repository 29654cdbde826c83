package io.densepure.certify;

import io.densepure.InputException;

/**
 * CERTIFY of Cohen et al. 2019 (Algorithm 1), from the counts of both sets of samples. With
 * probability at least 1 - alpha over the samples the certificate holds; it may abstain.
 */
public final class Certifier {
  private final double sigma;
  private final double alpha;

  /**
   * @param sigma standard deviation of the smoothing noise, on the [0, 1] pixel scale
   * @param alpha failure probability, in (0, 1)
   * @throws InputException if either is out of range
   */
  public Certifier(double sigma, double alpha) {
    if (!(sigma > 0) || Double.isInfinite(sigma)) {
      throw InputException.of("sigma must be a positive number, not %s", sigma);
    }
    if (!(alpha > 0 && alpha < 1)) {
      throw InputException.of("alpha must lie between 0 and 1, not %s", alpha);
    }
    this.sigma = sigma;
    this.alpha = alpha;
  }

  /**
   * @param countsSelection votes per class among the N0 samples
   * @param countsEstimation votes per class among the N samples, of which there is at least one
   */
  public Certificate certify(long[] countsSelection, long[] countsEstimation) {
    int cAHat = argmax(countsSelection);
    long nA = countsEstimation[cAHat];
    long n = total(countsEstimation);
    double pABar = ConfidenceBounds.lower(nA, n, alpha);
    if (pABar < 0.5) {
      return new Certificate(Certificate.ABSTAIN, 0, pABar, nA, n);
    }
    double radius = sigma * ConfidenceBounds.normalQuantile(pABar);
    return new Certificate(cAHat, radius, pABar, nA, n);
  }

  /** The class with the most votes; the lowest one on a tie, as numpy's argmax. */
  static int argmax(long[] counts) {
    int best = 0;
    for (int c = 1; c < counts.length; c++) {
      if (counts[c] > counts[best]) {
        best = c;
      }
    }
    return best;
  }

  private static long total(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }
}
