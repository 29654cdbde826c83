package io.densepure.certify;

import java.util.List;

/**
 * Turns lanes into labels: adds the lane's noise to its image, denoises (or not) and classifies.
 * Whatever is behind it (which network, which device) is not this room's business.
 */
public interface LaneClassifier extends AutoCloseable {
  /** How many lanes one call takes; fewer are allowed and cost the same. */
  int batchSize();

  /** Number of classes; labels are in [0, classes) or {@link VoteBoard#NOT_FINITE}. */
  int classes();

  /**
   * The labels of {@code lanes}, in order.
   *
   * @param lanes 1 to {@link #batchSize} lanes, of any images, phases, samples and votes
   * @throws io.densepure.DeviceException if the device fails
   */
  int[] classify(List<Lane> lanes);

  @Override
  void close();
}
