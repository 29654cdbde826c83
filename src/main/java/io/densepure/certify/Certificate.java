package io.densepure.certify;

/**
 * What CERTIFY says about one image: with probability at least 1 - alpha the smoothed classifier
 * answers {@code prediction} everywhere within {@code radius} of it (L2, in pixels of [0, 1]).
 *
 * @param prediction the class, or {@link #ABSTAIN}
 * @param radius sigma times the normal quantile of pABar; 0 when it abstains
 * @param pABar lower confidence bound on the probability of the selected class
 * @param nA how many of the n samples of the estimation voted for the selected class
 * @param n samples of the estimation
 */
public record Certificate(int prediction, double radius, double pABar, long nA, long n) {
  /** In place of a class: the samples do not suffice. */
  public static final int ABSTAIN = -1;

  public boolean abstains() {
    return prediction == ABSTAIN;
  }
}
