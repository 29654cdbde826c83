package io.densepure.certify;

import java.util.List;

/**
 * How the votes of a run go to vote files: a pair of files for every reverse seed, or the majority
 * of each noisy copy under a single one.
 *
 * @param files where they go
 * @param reverseSeeds in the files' names: one per vote, or one for the majority
 * @param majority whether only the majority is saved
 */
public record VoteSaving(VoteFiles files, List<Long> reverseSeeds, boolean majority) {
  public VoteSaving {
    reverseSeeds = List.copyOf(reverseSeeds);
  }

  /** Every vote, each in the files of its reverse seed. */
  public static VoteSaving each(VoteFiles files, List<Long> reverseSeeds) {
    return new VoteSaving(files, reverseSeeds, false);
  }

  /** The majority of all votes, in the files of {@code reverseSeed}. */
  public static VoteSaving majority(VoteFiles files, long reverseSeed) {
    return new VoteSaving(files, List.of(reverseSeed), true);
  }

  /**
   * Writes the files of an image.
   *
   * @throws io.densepure.InputException naming the file that cannot be written
   */
  public void save(VoteBoard board) {
    if (majority) {
      files.write(board.image(), reverseSeeds.get(0), board::decided);
      return;
    }
    for (int vote = 0; vote < reverseSeeds.size(); vote++) {
      int column = vote;
      files.write(board.image(), reverseSeeds.get(vote), phase -> board.labels(phase, column));
    }
  }
}
