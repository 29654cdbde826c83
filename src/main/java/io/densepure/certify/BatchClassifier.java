package io.densepure.certify;

import java.util.List;

/** Labels all lanes of a batch at once, as a device does. */
public interface BatchClassifier extends LaneClassifier {
  /**
   * The labels of {@code lanes}, in order.
   *
   * @param lanes 1 to {@link #batchSize} lanes, of any images, phases, samples and votes
   * @throws io.densepure.DeviceException if the device fails
   */
  int[] classify(List<Lane> lanes);

  @Override
  default void classify(List<Lane> lanes, LabelSink sink) {
    long start = System.nanoTime();
    int[] labels = classify(lanes);
    sink.put(lanes, labels, (System.nanoTime() - start) * 1e-9);
  }
}
