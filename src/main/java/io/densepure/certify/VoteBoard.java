package io.densepure.certify;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;
import java.util.Arrays;

/**
 * The labels of one image's lanes: the majority over the votes of each noisy copy, and from these
 * the counts that {@link VoteCertifier} takes. Not thread-safe.
 */
public final class VoteBoard {
  /** The label of a lane that has not been classified. */
  public static final int UNKNOWN = -1;

  /** Labels are kept as shorts. */
  static final int MAX_CLASSES = Short.MAX_VALUE;

  /**
   * The label of a lane whose networks gave NaN or infinity: a vote for none of the classes. It
   * counts as a vote for another class than any, so a certificate holds in spite of it.
   */
  public static final int NOT_FINITE = -2;

  private final int image;
  private final SamplingPlan plan;
  private final int classes;
  private final short[] labels; // [lanes], in the plan's order
  private int known;
  private double seconds;

  /**
   * @param image index in the data set
   * @param classes number of classes, in [1, 32767]
   */
  public VoteBoard(int image, SamplingPlan plan, int classes) {
    if (classes < 1 || classes > MAX_CLASSES) {
      throw InputException.of("the number of classes must be 1 to 32767, not %d", classes);
    }
    this.image = image;
    this.plan = plan;
    this.classes = classes;
    this.labels = new short[plan.lanes()];
    Arrays.fill(labels, (short) UNKNOWN);
  }

  public int image() {
    return image;
  }

  public SamplingPlan plan() {
    return plan;
  }

  public int classes() {
    return classes;
  }

  /** The label of the lane at {@code position} of the plan, or {@link #UNKNOWN}. */
  public int label(int position) {
    return labels[position];
  }

  /**
   * Enters a label in [0, classes), or {@link #NOT_FINITE}, for the lane at {@code position} of the
   * plan.
   */
  public void set(int position, int label) {
    if (label != NOT_FINITE && (label < 0 || label >= classes)) {
      throw new IllegalArgumentException("label " + label + " is not in [0, " + classes + ")");
    }
    if (labels[position] == UNKNOWN) {
      known++;
    }
    labels[position] = (short) label;
  }

  /** How many lanes have a label. */
  public int known() {
    return known;
  }

  /** How many lanes are {@link #NOT_FINITE}. */
  public int notFinite() {
    int count = 0;
    for (short label : labels) {
      count += label == NOT_FINITE ? 1 : 0;
    }
    return count;
  }

  public boolean isComplete() {
    return known == labels.length;
  }

  /** Compute time spent on this image's lanes: each batch's time, shared equally by its lanes. */
  public double seconds() {
    return seconds;
  }

  public void addSeconds(double more) {
    seconds += more;
  }

  /**
   * The majority of one sample's votes so far: a class, {@link #NOT_FINITE}, or {@link #UNKNOWN} if
   * there are none.
   */
  public int majority(Phase phase, int sample) {
    int from = plan.position(phase, sample);
    return MajorityVote.winner(labels, from, from + plan.votes());
  }

  /** Whether the votes not cast yet can no longer change the sample's {@link #majority}. */
  public boolean isDecided(Phase phase, int sample) {
    int from = plan.position(phase, sample);
    return MajorityVote.isDecided(labels, from, from + plan.votes());
  }

  /** Whether votes not cast yet can still make {@code label} the sample's majority, or it is. */
  public boolean canWin(Phase phase, int sample, int label) {
    int from = plan.position(phase, sample);
    return MajorityVote.canWin(labels, from, from + plan.votes(), label);
  }

  /** What is known if only the first {@code votes} of each sample count. */
  public VoteBoard firstVotes(int votes) {
    SamplingPlan fewer = new SamplingPlan(plan.n0(), plan.n(), votes);
    VoteBoard board = new VoteBoard(image, fewer, classes);
    for (int position = 0; position < fewer.lanes(); position++) {
      int label = labels[position / votes * plan.votes() + position % votes];
      if (label != UNKNOWN) {
        board.set(position, label);
      }
    }
    return board;
  }

  /**
   * [classes]: how many samples of {@code phase} have each class as their majority. Fewer than
   * there are if some are open or {@link #NOT_FINITE}.
   */
  public long[] counts(Phase phase) {
    long[] counts = new long[classes];
    for (int sample = 0; sample < plan.samples(phase); sample++) {
      int winner = majority(phase, sample);
      if (winner >= 0) {
        counts[winner]++;
      }
    }
    return counts;
  }

  /** [samples]: what one vote (one reverse seed) said about each sample of {@code phase}. */
  public long[] labels(Phase phase, int vote) {
    long[] column = new long[plan.samples(phase)];
    for (int sample = 0; sample < column.length; sample++) {
      column[sample] = labels[plan.position(phase, sample) + vote];
    }
    return column;
  }

  /** [samples]: the majority of each sample of {@code phase}; {@link #UNKNOWN} where it is open. */
  public long[] decided(Phase phase) {
    long[] winners = new long[plan.samples(phase)];
    for (int sample = 0; sample < winners.length; sample++) {
      winners[sample] = isDecided(phase, sample) ? majority(phase, sample) : UNKNOWN;
    }
    return winners;
  }
}
