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
   * As {@link #classify(List)}, but hands the labels on as they come: each lane's once, all of them
   * before this returns, on the calling thread. Of a batch that fails, those handed on stay.
   */
  default void classify(List<Lane> lanes, LabelSink sink) {
    long start = System.nanoTime();
    int[] labels = classify(lanes);
    sink.put(lanes, labels, (System.nanoTime() - start) * 1e-9);
  }

  @Override
  void close();
}
