package io.densepure.certify;

import io.densepure.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * What a finished run would have said with only its first votes of each noisy copy. A run that left
 * votes out may lack some that mattered with fewer votes; a copy without its votes counts against
 * the class, so accuracies can only be too low.
 */
public final class FewerVotes {
  private FewerVotes() {}

  /**
   * @param counts numbers of votes, each from 1 to the run's own
   * @return the rows of the run's finished images for each of them
   * @throws InputException if a count is out of range, or the journal is damaged
   */
  public static SortedMap<Integer, List<ResultRow>> certify(
      RunRecord run, SortedSet<Integer> counts) {
    int all = run.header().plan().votes();
    if (counts.first() < 1 || counts.last() > all) {
      throw InputException.of(
          "the run has 1 to %d votes, not %d",
          all, counts.first() < 1 ? counts.first() : counts.last());
    }
    OfflineCertifier certifier =
        new OfflineCertifier(
            new VoteCertifier(run.header().sigma(), run.header().alpha()),
            run.header().guarantee());
    SortedMap<Integer, List<ResultRow>> rows = new TreeMap<>();
    counts.forEach(votes -> rows.put(votes, new ArrayList<>()));
    for (CertifiedImage image : run.images()) {
      VoteBoard board = run.votes(image.index());
      rows.forEach((votes, list) -> list.add(row(image, certifier, board, votes)));
    }
    return rows;
  }

  private static ResultRow row(
      CertifiedImage image, OfflineCertifier certifier, VoteBoard board, int votes) {
    Certificate certificate =
        votes == board.plan().votes()
            ? image.certificate()
            : certifier.certify(board.firstVotes(votes), image.label()).certificate();
    return new CertifiedImage(image.index(), image.label(), certificate, image.seconds()).row();
  }
}
