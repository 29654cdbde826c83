package io.densepure.certify;

/** All N copies, unless so many are lost that the image must abstain. */
final class FixedSampling implements StoppingRule {
  private final VoteCertifier certifier;

  FixedSampling(VoteCertifier certifier) {
    this.certifier = certifier;
  }

  @Override
  public Walk start(int n) {
    long canLose = n - certifier.needed(n); // negative if not even N copies give a certificate
    return new Walk() {
      private long lost;

      @Override
      public void add(boolean won) {
        lost += won ? 0 : 1;
      }

      @Override
      public boolean ended() {
        return lost > canLose;
      }

      @Override
      public int lookahead() {
        return n;
      }
    };
  }
}
