package io.densepure.certify;

/**
 * The majority over several denoisings of one noisy copy. Among equally frequent labels the one
 * that was voted for first wins, as in the original's {@code max(votes, key=votes.count)}, both
 * over reverse seeds ({@code merge_results.py}) and within a clustering batch ({@code core.py}).
 */
public final class MajorityVote {
  /** A label that nobody has voted for yet. */
  private static final int NEW_LABEL = Integer.MAX_VALUE;

  private MajorityVote() {}

  /**
   * @param labels holds the votes, in the order of their seeds
   * @param from the first vote
   * @param to one past the last
   * @return the winner; {@link VoteBoard#UNKNOWN} labels are votes not cast, and the winner if all
   *     are; {@link VoteBoard#NOT_FINITE} is a label like others
   */
  public static int winner(short[] labels, int from, int to) {
    int winner = VoteBoard.UNKNOWN;
    int winnerCount = 0;
    // A label's first vote sees all the others of its kind, a later one fewer: so a later label
    // must be strictly more frequent, and none of the last winnerCount votes can start one that is.
    for (int i = from; i < to - winnerCount; i++) {
      if (isCast(labels[i])) {
        int count = countFrom(labels, i, to);
        if (count > winnerCount) {
          winner = labels[i];
          winnerCount = count;
        }
      }
    }
    return winner;
  }

  /**
   * Whether {@code label} would win if every vote not cast yet went to it: if not, no votes to come
   * can make it the winner.
   */
  public static boolean canWin(short[] labels, int from, int to, int label) {
    for (int i = from; i < to; i++) {
      // Its own votes and the open ones count for the label, so only others can be ahead of it.
      if (isCast(labels[i]) && labels[i] != label && beats(labels, i, from, to, label)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the label voted for at {@code rival} is ahead of {@code label} with all open votes. */
  private static boolean beats(short[] labels, int rival, int from, int to, int label) {
    int rivals = 0;
    int own = 0;
    int firstOwn = -1;
    int firstRival = -1;
    for (int i = from; i < to; i++) {
      if (labels[i] == labels[rival]) {
        rivals++;
        firstRival = firstRival < 0 ? i : firstRival;
      } else if (!isCast(labels[i]) || labels[i] == label) {
        own++;
        firstOwn = firstOwn < 0 ? i : firstOwn;
      }
    }
    return rivals > own || rivals == own && firstRival < firstOwn;
  }

  /**
   * Whether the winner is certain whatever the votes not cast yet say; it is {@link #winner} then.
   */
  public static boolean isDecided(short[] labels, int from, int to) {
    int leader = winner(labels, from, to);
    if (!isCast(leader)) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (isCast(labels[i]) && labels[i] != leader && canWin(labels, from, to, labels[i])) {
        return false;
      }
    }
    return !canWin(labels, from, to, NEW_LABEL);
  }

  private static boolean isCast(int label) {
    return label != VoteBoard.UNKNOWN;
  }

  private static int countFrom(short[] labels, int from, int to) {
    int count = 0;
    for (int i = from; i < to; i++) {
      if (labels[i] == labels[from]) {
        count++;
      }
    }
    return count;
  }
}
