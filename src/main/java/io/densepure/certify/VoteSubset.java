package io.densepure.certify;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;
import java.util.List;

/**
 * A part of a run's votes: the first samples of each phase, and some of the votes over each.
 *
 * @param n0 the first so many samples of the selection
 * @param n the first so many samples of the estimation
 * @param votes numbers of the votes, in the order in which they break ties; none twice
 */
public record VoteSubset(int n0, int n, List<Integer> votes) {
  public VoteSubset {
    votes = List.copyOf(votes);
  }

  /**
   * @param whole the plan of the run that this is a part of
   * @throws InputException naming what the run has too little of
   */
  public void requireIn(SamplingPlan whole) {
    if (n0 > whole.n0() || n > whole.n()) {
      throw InputException.of(
          "N0 = %d and N = %d samples are wanted, but there are %d and %d",
          n0, n, whole.n0(), whole.n());
    }
  }

  /**
   * How many of everything this is.
   *
   * @throws InputException if it is nothing of something
   */
  public SamplingPlan plan() {
    return new SamplingPlan(n0, n, votes.size());
  }

  /** A board with these votes of {@code all}. */
  public VoteBoard of(VoteBoard all) {
    SamplingPlan plan = plan();
    VoteBoard part = new VoteBoard(all.image(), plan, all.classes());
    for (Phase phase : Phase.values()) {
      for (int sample = 0; sample < plan.samples(phase); sample++) {
        copy(all, part, phase, sample);
      }
    }
    return part;
  }

  private void copy(VoteBoard all, VoteBoard part, Phase phase, int sample) {
    for (int vote = 0; vote < votes.size(); vote++) {
      int label = all.label(all.plan().position(phase, sample) + votes.get(vote));
      if (label != VoteBoard.UNKNOWN) {
        part.set(part.plan().position(phase, sample) + vote, label);
      }
    }
  }
}
