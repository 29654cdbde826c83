package io.densepure.certify;

import io.densepure.certify.Lane.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Joins the vote files of several reverse seeds into certificates ({@code merge_results.py}): the
 * majority per noisy copy, then CERTIFY. The noise of copy i must be the same in every file, as it
 * is for runs of one {@code --seed}.
 */
public final class MergeResults {
  private final VoteFiles files;
  private final List<Long> reverseSeeds;
  private final SamplingPlan plan;
  private final int classes;
  private final OfflineCertifier certifier;

  /**
   * @param reverseSeeds in the order in which they break ties; at least one
   * @param n0 samples of the selection
   * @param n samples of the estimation
   */
  public MergeResults(
      VoteFiles files,
      List<Long> reverseSeeds,
      int n0,
      int n,
      int classes,
      VoteCertifier certifier) {
    this.files = files;
    this.reverseSeeds = List.copyOf(reverseSeeds);
    this.plan = new SamplingPlan(n0, n, reverseSeeds.size());
    this.classes = classes;
    this.certifier = new OfflineCertifier(certifier);
  }

  /**
   * The merged result of one image.
   *
   * @throws io.densepure.InputException naming the vote file that is missing or wrong
   */
  public OfflineCertificate merge(int image, int label) {
    return certifier.certify(board(image), label);
  }

  private VoteBoard board(int image) {
    VoteBoard board = new VoteBoard(image, plan, classes);
    for (int vote = 0; vote < reverseSeeds.size(); vote++) {
      enter(board, vote);
    }
    return board;
  }

  private void enter(VoteBoard board, int vote) {
    for (Phase phase : Phase.values()) {
      int samples = plan.samples(phase);
      long[] labels = files.read(board.image(), reverseSeeds.get(vote), phase, samples, classes);
      for (int sample = 0; sample < samples; sample++) {
        if (labels[sample] != VoteBoard.UNKNOWN) {
          board.set(plan.position(phase, sample) + vote, (int) labels[sample]);
        }
      }
    }
  }

  /** Writes rows as the original's merged table. */
  public static void write(Path table, List<ResultRow> rows) {
    StringBuilder text = new StringBuilder(ResultRow.HEADER).append('\n');
    rows.forEach(row -> text.append(row.toTsv()).append('\n'));
    AtomicFile.write(table, to -> Files.writeString(to, text));
  }
}
