package io.densepure.certify;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/**
 * Turns the boards of a run into results and writes them down, in an order in which a crash at any
 * point loses nothing: vote files, then the journal, then the table.
 */
public final class ResultRecorder implements LaneScheduler.Listener {
  private final RunJournal journal;
  private final Function<VoteBoard, Certificate> certifier;
  private final IntUnaryOperator labels;
  private final ResultFiles files;
  private final Set<Integer> remaining;
  private final List<CertifiedImage> results = new ArrayList<>();

  /**
   * Begins with those images that earlier runs finished: their vote files, where they are missing,
   * and their lines of the table.
   *
   * @param images of this run
   * @param certifier turns an image's votes into its certificate
   * @param labels the true class of an image
   */
  public ResultRecorder(
      RunJournal journal,
      List<Integer> images,
      Function<VoteBoard, Certificate> certifier,
      IntUnaryOperator labels,
      ResultFiles files) {
    this.journal = journal;
    this.certifier = certifier;
    this.labels = labels;
    this.files = files;
    this.remaining = new LinkedHashSet<>(images);
    for (CertifiedImage image : journal.finishedBefore()) {
      if (remaining.remove(image.index())) {
        results.add(image);
        if (files.savesVotes()) {
          files.saveVotes(journal.votes(image.index()));
        }
      }
    }
    files.begin(results);
  }

  /** The images of this run that are still to be done, in order: what the scheduler is to run. */
  public List<Integer> remaining() {
    return List.copyOf(remaining);
  }

  /** The results so far, those of earlier runs first; grows with the run. */
  public List<CertifiedImage> results() {
    return Collections.unmodifiableList(results);
  }

  @Override
  public void lanesDone(List<Lane> lanes, int[] labels, double seconds) {
    journal.lanesDone(lanes);
  }

  @Override
  public void imageDone(VoteBoard board) {
    Certificate certificate = certifier.apply(board);
    int image = board.image();
    CertifiedImage result =
        new CertifiedImage(image, labels.applyAsInt(image), certificate, board.seconds());
    files.saveVotes(board);
    journal.finish(result, board);
    remaining.remove(image);
    files.addRow(result);
    results.add(result);
  }
}
