package io.densepure.certify;

/**
 * The majority over several denoisings of one noisy copy. Among equally frequent labels the one
 * that was voted for first wins, as in the original's {@code max(votes, key=votes.count)}, both
 * over reverse seeds ({@code merge_results.py}) and within a clustering batch ({@code core.py}).
 */
public final class MajorityVote {
  private MajorityVote() {}

  /**
   * @param labels holds the votes, in the order of their seeds
   * @param from the first vote
   * @param to one past the last
   * @return the winner; negative labels are votes not cast, {@link VoteBoard#UNKNOWN} if all are
   */
  public static int winner(short[] labels, int from, int to) {
    int winner = VoteBoard.UNKNOWN;
    int winnerCount = 0;
    // A label's first vote sees all the others of its kind, a later one fewer: so a later label
    // must be strictly more frequent, and none of the last winnerCount votes can start one that is.
    for (int i = from; i < to - winnerCount; i++) {
      if (labels[i] >= 0) {
        int count = countFrom(labels, i, to);
        if (count > winnerCount) {
          winner = labels[i];
          winnerCount = count;
        }
      }
    }
    return winner;
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
