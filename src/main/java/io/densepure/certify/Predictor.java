package io.densepure.certify;

import io.densepure.InputException;

/**
 * PREDICT of Cohen et al. 2019 (Algorithm 1): the most frequent class, or {@link
 * Certificate#ABSTAIN} if the runner-up is too close. A class it returns differs from the smoothed
 * classifier's with probability at most alpha.
 */
public final class Predictor {
  private final double alpha;

  /**
   * @param alpha failure probability, in (0, 1)
   * @throws InputException if it is out of range
   */
  public Predictor(double alpha) {
    if (!(alpha > 0 && alpha < 1)) {
      throw InputException.of("alpha must lie between 0 and 1, not %s", alpha);
    }
    this.alpha = alpha;
  }

  /**
   * @param counts votes per class
   * @return the class, or {@link Certificate#ABSTAIN}
   */
  public int predict(long[] counts) {
    int cAHat = VoteCertifier.argmax(counts);
    long nA = counts[cAHat];
    long nB = 0;
    for (int c = 0; c < counts.length; c++) {
      if (c != cAHat) {
        nB = Math.max(nB, counts[c]);
      }
    }
    return ConfidenceBounds.binomTest(nA, nB) <= alpha ? cAHat : Certificate.ABSTAIN;
  }
}
