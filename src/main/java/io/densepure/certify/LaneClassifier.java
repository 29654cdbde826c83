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

  /** Takes labels as they become known. */
  interface LabelSink {
    /**
     * @param lanes some lanes of a batch
     * @param labels theirs, in order
     * @param seconds that they took a device
     */
    void put(List<Lane> lanes, int[] labels, double seconds);
  }

  /**
   * Hands the labels of {@code lanes} on as they come: each lane's once, all of them before this
   * returns, on the calling thread. Of a batch that fails, those handed on stay.
   *
   * @param lanes 1 to {@link #batchSize} lanes, of any images, phases, samples and votes
   * @throws io.densepure.DeviceException if the device fails
   */
  void classify(List<Lane> lanes, LabelSink sink);

  @Override
  void close();
}
