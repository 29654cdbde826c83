package io.densepure.certify;

import org.apache.commons.numbers.gamma.LogBeta;
import org.apache.commons.numbers.gamma.RegularizedBeta;

/**
 * A lower confidence bound on a success probability p that holds after every trial at once: with
 * probability at least 1 - alpha, {@code lower(k_n, n, alpha) <= p} for all n. So one may look
 * after each trial and stop when one likes.
 *
 * <p>To test "p is at most p0", bet on every trial that it is more (Waudby-Smith and Ramdas 2023;
 * Robbins 1970): the wealth after k successes in n trials is the likelihood ratio of q against p0,
 * averaged over q in (p0, 1) with density proportional to (1 - q)^(-1/2),
 *
 * <pre>W = B(k + 1, n - k + 1/2) · P[Beta(k + 1, n - k + 1/2) > p0]
 *     / (2 · sqrt(1 - p0) · p0^k · (1 - p0)^(n - k)).</pre>
 *
 * <p>If p is at most p0, no trial lets the wealth grow on average: a success multiplies the part on
 * q by q / p0 &gt; 1, a failure by (1 - q) / (1 - p0) &lt; 1, on average by at most 1. So W is a
 * nonnegative supermartingale that begins with 1, and by Ville's inequality it ever reaches 1/alpha
 * with probability at most alpha. The bound is the end of the p0 that the wealth refutes together
 * with all smaller ones; below k / (n + 1/2) that is a single interval, as W falls in p0 there:
 * with h = 1 / (2 (1 - p0)), the density of the prior at p0, d ln W / d p0 = h (1 - 1/W) - (k - n
 * p0) / (p0 (1 - p0)).
 *
 * <p>The density is Krichevsky and Trofimov's at 1, where smoothed classifiers that are worth a
 * certificate have their p: there it costs half a logarithm of n. It has no parameter to choose.
 */
public final class AnytimeBound {
  /** Halvings of [0, 1]: what is left is below the spacing of doubles. */
  private static final int HALVINGS = 60;

  private AnytimeBound() {}

  /**
   * The logarithm of the wealth W.
   *
   * @param k successes, in [0, n]
   * @param n trials, at least 0
   * @param p0 in (0, 1)
   */
  static double logWealth(long k, long n, double p0) {
    double a = k + 1.0;
    double b = n - k + 0.5;
    return LogBeta.value(a, b)
        + Math.log(RegularizedBeta.complement(p0, a, b))
        - Math.log(2)
        - 0.5 * Math.log1p(-p0)
        - k * Math.log(p0)
        - (n - k) * Math.log1p(-p0);
  }

  /**
   * Whether the trials so far prove that p is more than p0, at level alpha over all n at once. More
   * successes prove more, and what is proved of p0 is proved of every smaller one.
   *
   * @param p0 in (0, 1)
   */
  static boolean proves(long k, long n, double p0, double alpha) {
    return k >= p0 * (n + 0.5) && logWealth(k, n, p0) >= -Math.log(alpha) + roundingOfWealth(n);
  }

  /** The terms of the logarithm grow with n and are right to about 15 digits. */
  private static double roundingOfWealth(long n) {
    return 1e-10 + 1e-14 * n;
  }

  /**
   * The lower bound after {@code n} trials.
   *
   * @param k successes, in [0, n]
   * @param n trials, at least 0
   * @param alpha probability that the bound is ever wrong, in (0, 1)
   * @return in [0, 1)
   */
  public static double lower(long k, long n, double alpha) {
    double proved = 0;
    double open = k / (n + 0.5);
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (proved + open) / 2;
      if (middle > 0 && proves(k, n, middle, alpha)) {
        proved = middle;
      } else {
        open = middle;
      }
    }
    return proved;
  }

  /** The fewest successes in {@code n} trials that prove p0; n + 1 if not even all do. */
  static int needed(int n, double p0, double alpha) {
    int low = -1; // too few
    int high = n + 1; // enough, or more than there are
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (proves(middle, n, p0, alpha)) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }
}
