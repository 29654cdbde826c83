package io.densepure.certify;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;
import java.io.Serializable;

/**
 * How many lanes an image takes, and their order: the samples of the selection, then those of the
 * estimation, each with its votes.
 *
 * @param n0 samples that pick the class, at least 1
 * @param n samples that bound its probability, at least 1
 * @param votes denoisings of each sample (K), at least 1
 */
public record SamplingPlan(int n0, int n, int votes) implements Serializable {
  /** Their labels fill a quarter of a gigabyte: more is a slip of the keyboard. */
  private static final long MAX_LANES = 1 << 27;

  public SamplingPlan {
    if (n0 < 1 || n < 1 || votes < 1) {
      throw InputException.of(
          "N0, N and the number of votes must be at least 1: N0 = %d, N = %d, votes = %d",
          n0, n, votes);
    }
    if (((long) n0 + n) * votes > MAX_LANES) {
      throw InputException.of(
          "(N0 + N) * votes = (%d + %d) * %d is more than one image can take (%d): lower N",
          n0, n, votes, MAX_LANES);
    }
  }

  /** Lanes of one image: {@code (n0 + n) * votes}. */
  public int lanes() {
    return (n0 + n) * votes;
  }

  /** Samples of {@code phase}. */
  public int samples(Phase phase) {
    return phase == Phase.SELECTION ? n0 : n;
  }

  /** Position of the first vote of {@code sample} in the order of an image's lanes. */
  public int position(Phase phase, int sample) {
    return ((phase == Phase.SELECTION ? 0 : n0) + sample) * votes;
  }

  /** Position of {@code lane} in the order of its image's lanes, in [0, {@link #lanes}). */
  public int position(Lane lane) {
    return position(lane.phase(), lane.sample()) + lane.vote();
  }

  /** The lane of {@code image} at {@code position}. */
  public Lane lane(int image, int position) {
    int sample = position / votes;
    int vote = position % votes;
    return sample < n0
        ? new Lane(image, Phase.SELECTION, sample, vote)
        : new Lane(image, Phase.ESTIMATION, sample - n0, vote);
  }
}
