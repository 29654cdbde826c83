package io.densepure.certify;

import io.densepure.certify.Lane.Phase;

/**
 * Certifies images again from votes that are there: at another alpha, or from a part of the votes.
 * Votes that were never cast, as early voting leaves them out, are taken against the selected
 * class, so the certificate is one that casting them could only improve.
 */
public final class OfflineCertifier {
  private final VoteCertifier certifier;
  private final Guarantee guarantee;

  /** For votes of a fixed number of copies. */
  public OfflineCertifier(VoteCertifier certifier) {
    this(certifier, Guarantee.FIXED);
  }

  /**
   * @param guarantee how the run's own certificates came about; these come about likewise
   */
  public OfflineCertifier(VoteCertifier certifier, Guarantee guarantee) {
    this.certifier = certifier;
    this.guarantee = guarantee;
  }

  /**
   * The certificate of an image; it abstains where too few votes select a class.
   *
   * @throws io.densepure.InputException if an adaptive run's target radius is out of reach at this
   *     alpha with these copies
   */
  public OfflineCertificate certify(VoteBoard board, int label) {
    int n = board.plan().n();
    int cAHat = new EarlyVoting.Tally(board, null).selected();
    if (cAHat == VoteBoard.UNKNOWN) {
      Certificate none = new Certificate(Certificate.ABSTAIN, 0, 0, 0, n);
      return new OfflineCertificate(
          board.image(), label, none, undecided(board, cAHat), board.notFinite(), true);
    }
    Certificate certificate = guarantee.certificates(certifier, n, true).apply(board);
    int undecided = undecided(board, cAHat);
    boolean open =
        guarantee.isAdaptive()
            ? undecided > 0 && !guarantee.adaptive(certifier, n).isDecided(board)
            : couldDiffer(board, cAHat, undecided);
    return new OfflineCertificate(
        board.image(), label, certificate, undecided, board.notFinite(), open);
  }

  /** Whether the votes not cast, all for {@code cAHat}, would give another certificate. */
  private boolean couldDiffer(VoteBoard board, int cAHat, int undecided) {
    Certificate certificate = certifier.certify(board);
    Certificate atBest =
        certifier.certificate(cAHat, certificate.nA() + undecided, board.plan().n());
    return atBest.prediction() != certificate.prediction()
        || atBest.radius() != certificate.radius();
  }

  /** Copies that {@code cAHat}, or any class if it is unknown, can still win. */
  private static int undecided(VoteBoard board, int cAHat) {
    int undecided = 0;
    for (int sample = 0; sample < board.plan().n(); sample++) {
      boolean decided = board.isDecided(Phase.ESTIMATION, sample);
      if (!decided
          && (cAHat == VoteBoard.UNKNOWN || board.canWin(Phase.ESTIMATION, sample, cAHat))) {
        undecided++;
      }
    }
    return undecided;
  }
}
