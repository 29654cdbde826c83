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
  private final Workload workload;
  private final Set<Integer> remaining;
  private final List<CertifiedImage> results = new ArrayList<>();

  /**
   * Begins with those images that earlier runs finished: their vote files, where they are missing,
   * and their lines of the table.
   *
   * @param workload what this run does; images of which it does only a part are noted in the
   *     journal and have no result here
   * @param certifier turns an image's votes into its certificate
   * @param labels the true class of an image
   */
  public ResultRecorder(
      RunJournal journal,
      Workload workload,
      Function<VoteBoard, Certificate> certifier,
      IntUnaryOperator labels,
      ResultFiles files) {
    this.journal = journal;
    this.certifier = certifier;
    this.labels = labels;
    this.files = files;
    this.workload = workload;
    this.remaining = new LinkedHashSet<>(workload.images());
    remaining.removeAll(journal.partsFinishedBefore());
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
    int image = board.image();
    int label = labels.applyAsInt(image);
    if (!workload.hasWhole(image)) {
      journal.finishPart(workload.part(image), label, board);
      remaining.remove(image);
      return;
    }
    Certificate certificate = certifier.apply(board);
    CertifiedImage result =
        new CertifiedImage(image, label, certificate, board.seconds(), board.notFinite());
    files.saveVotes(board);
    journal.finish(result, board);
    remaining.remove(image);
    files.addRow(result);
    results.add(result);
  }
}
