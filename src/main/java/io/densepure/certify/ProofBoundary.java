package io.densepure.certify;

import java.util.Arrays;

/**
 * For every number of trials the fewest successes that prove that p is more than p0, by {@link
 * AnytimeBound}: whole numbers, found once and then compared with. Thread-safe.
 */
final class ProofBoundary {
  private static final int FIRST = 1024;

  private final double p0;
  private final double alpha;
  private int[] needed = {1}; // [trials]
  private int known = 1;

  /**
   * @param p0 in (0, 1)
   * @param alpha in (0, 1)
   */
  ProofBoundary(double p0, double alpha) {
    this.p0 = p0;
    this.alpha = alpha;
  }

  /**
   * The fewest successes in {@code n} trials that are a proof; n + 1 if not even all are.
   *
   * @param n at least 0
   */
  synchronized int needed(int n) {
    while (known <= n) {
      addOne();
    }
    return needed[n];
  }

  /**
   * One more failure never adds to the wealth and one more success never takes from it, so with one
   * more trial a proof needs as many successes as before, or one more.
   */
  private void addOne() {
    if (known == needed.length) {
      needed = Arrays.copyOf(needed, Math.max(FIRST, 2 * known));
    }
    int before = needed[known - 1];
    needed[known] = AnytimeBound.proves(before, known, p0, alpha) ? before : before + 1;
    known++;
  }
}
