package io.densepure.certify;

import io.densepure.InputException;
import org.apache.commons.statistics.distribution.BinomialDistribution;

/**
 * How many of a test set's certificates hold, given that each one may be wrong with probability
 * {@code alpha}: a lower bound on the certified accuracy over these very images that is right with
 * probability at least 1 - {@code rho} (Cohen et al. 2019, appendix on high-probability
 * guarantees).
 *
 * @param alpha failure probability of each certificate, in (0, 1)
 * @param rho failure probability of the bound, in (0, 1)
 */
public record HighProbability(Method method, double alpha, double rho) {
  /** Where the bound comes from. */
  public enum Method {
    /** The number of wrong certificates is at most binomial: images less its (1 - rho) quantile. */
    EXACT,
    /**
     * The formula of {@code HighProbAccuracy} in the original's certification_pic.py. Bernstein's
     * inequality has 2 alpha (1 - alpha) log(1 / rho) / m under the root; the program left the 2
     * out, so its bound may be too high.
     */
    ORIGINAL
  }

  public HighProbability {
    requireProbability("alpha", alpha);
    requireProbability("rho", rho);
  }

  private static void requireProbability(String name, double p) {
    if (!(p > 0 && p < 1)) {
      throw InputException.of("%s must lie between 0 and 1, not %s", name, p);
    }
  }

  /**
   * @param certified images with a right prediction and a large enough radius
   * @param images of the test set, at least {@code certified} and 1
   * @return a fraction of the images, not below 0
   */
  public double lowerBound(long certified, int images) {
    double accuracy =
        switch (method) {
          case EXACT -> {
            int wrong = BinomialDistribution.of(images, alpha).inverseSurvivalProbability(rho);
            yield (double) (certified - wrong) / images;
          }
          case ORIGINAL -> {
            double log = Math.log(1 / rho);
            yield (double) certified / images
                - alpha
                - Math.sqrt(alpha * (1 - alpha) * log / images)
                - log / (3 * images);
          }
        };
    return Math.max(0, accuracy);
  }
}
