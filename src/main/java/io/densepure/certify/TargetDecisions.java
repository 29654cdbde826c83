package io.densepure.certify;

import io.densepure.certify.AdaptiveSampling.Decision;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an adaptive run has found out about each target radius of each image. */
public final class TargetDecisions {
  private final AdaptiveSampling sampling;
  private final Map<Integer, List<Decision>> byImage = new TreeMap<>();

  public TargetDecisions(AdaptiveSampling sampling) {
    this.sampling = sampling;
  }

  /** Adds the image of a finished board. */
  public void add(VoteBoard board) {
    byImage.put(board.image(), sampling.decisions(board));
  }

  /** The target radii, in ascending order. */
  public List<Double> radii() {
    return sampling.radii();
  }

  /** The decisions about an image, in the order of {@link #radii}; none if it was not added. */
  public List<Decision> of(int image) {
    return byImage.getOrDefault(image, Collections.emptyList());
  }

  /** Images with this decision about the {@code target}-th radius. */
  public long count(int target, Decision decision) {
    return byImage.values().stream().filter(d -> d.get(target) == decision).count();
  }
}
