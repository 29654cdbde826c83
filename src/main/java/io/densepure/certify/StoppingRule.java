package io.densepure.certify;

/** When the noisy copies of an image's estimation suffice, judged on the copies in their order. */
public interface StoppingRule {
  /**
   * @param n copies that there can be at most, at least 1
   */
  Walk start(int n);

  /** One image's way through its copies. */
  interface Walk {
    /** Counts the next copy. Not called once the walk has ended. */
    void add(boolean won);

    /** Whether no further copy is needed, other than because there are none left. */
    boolean ended();

    /**
     * So many further copies, at least 1, are likely to be needed. It guides how far ahead labels
     * are computed, and never a result.
     */
    int lookahead();
  }
}
