package io.densepure.certify;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;

/**
 * CERTIFY of Cohen et al. 2019 (Algorithm 1), from the counts of both sets of samples. With
 * probability at least 1 - alpha over the samples the certificate holds; it may abstain.
 */
public final class VoteCertifier {
  private final double sigma;
  private final double alpha;

  /**
   * @param sigma standard deviation of the smoothing noise, on the [0, 1] pixel scale
   * @param alpha failure probability, in (0, 1)
   * @throws InputException if either is out of range
   */
  public VoteCertifier(double sigma, double alpha) {
    if (!(sigma > 0) || Double.isInfinite(sigma)) {
      throw InputException.of("sigma must be a positive number, not %s", sigma);
    }
    if (!(alpha > 0 && alpha < 1)) {
      throw InputException.of("alpha must lie between 0 and 1, not %s", alpha);
    }
    this.sigma = sigma;
    this.alpha = alpha;
  }

  public double sigma() {
    return sigma;
  }

  public double alpha() {
    return alpha;
  }

  /**
   * @param countsSelection votes per class among the N0 samples
   * @param countsEstimation votes per class among the N samples, of which there is at least one
   */
  public Certificate certify(long[] countsSelection, long[] countsEstimation) {
    int cAHat = argmax(countsSelection);
    long nA = countsEstimation[cAHat];
    return certificate(cAHat, nA, total(countsEstimation));
  }

  /** The certificate for class {@code cAHat}, which {@code nA} of {@code n} copies voted for. */
  Certificate certificate(int cAHat, long nA, long n) {
    double pABar = ConfidenceBounds.lower(nA, n, alpha);
    if (pABar < 0.5) {
      return new Certificate(Certificate.ABSTAIN, 0, pABar, nA, n);
    }
    double radius = sigma * ConfidenceBounds.normalQuantile(pABar);
    return new Certificate(cAHat, radius, pABar, nA, n);
  }

  /**
   * The certificate of an image whose votes are all there, or as many as {@link EarlyVoting} found
   * necessary: prediction and radius are the same. A copy of the estimation that votes still to be
   * cast could decide counts against the selected class, so the certificate is valid for any other
   * alpha and any choice of votes, too.
   *
   * @throws InputException if votes are missing that the selection needs
   */
  public Certificate certify(VoteBoard board) {
    int cAHat = selected(board);
    long nA = 0;
    int n = board.plan().n();
    for (int sample = 0; sample < n; sample++) {
      if (board.majority(Phase.ESTIMATION, sample) == cAHat
          && board.isDecided(Phase.ESTIMATION, sample)) {
        nA++;
      }
    }
    return certificate(cAHat, nA, n);
  }

  /**
   * The class that the selection picks.
   *
   * @throws InputException if votes are missing that it needs
   */
  static int selected(VoteBoard board) {
    int cAHat = new EarlyVoting.Tally(board, null).selected();
    if (cAHat == VoteBoard.UNKNOWN) {
      throw InputException.of(
          "image %d: too few votes were cast to know which class the selection picks",
          board.image());
    }
    return cAHat;
  }

  /**
   * As {@link #certify(VoteBoard)}, for a run with {@link EarlyVoting}: an image that is given up
   * reports the copies up to that point only, however many more were computed beside it.
   */
  public Certificate certifyEarly(VoteBoard board) {
    StoppingRule.Walk walk = new FixedSampling(this).start(board.plan().n());
    EarlyVoting.Tally tally = new EarlyVoting.Tally(board, walk);
    if (!tally.ended()) {
      return certify(board);
    }
    double pABar = ConfidenceBounds.lower(tally.won(), board.plan().n(), alpha);
    return new Certificate(Certificate.ABSTAIN, 0, pABar, tally.won(), tally.settled());
  }

  /** The fewest of {@code n} copies that give a certificate; n + 1 if not even all do. */
  long needed(long n) {
    long low = 0; // too few
    long high = n + 1; // enough, or more than there are
    while (high - low > 1) {
      long middle = (low + high) / 2;
      if (ConfidenceBounds.lower(middle, n, alpha) < 0.5) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
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
