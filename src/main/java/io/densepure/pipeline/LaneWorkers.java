package io.densepure.pipeline;

import io.densepure.DeviceException;
import io.densepure.certify.LaneClassifier;
import java.util.List;

/** What computes the lanes of one run, ready to be used: on devices here, or somewhere else. */
public interface LaneWorkers extends AutoCloseable {
  /** At least one; all give the same labels. */
  List<? extends LaneClassifier> all();

  /** Number of classes; labels are in [0, classes). */
  default int classes() {
    return all().get(0).classes();
  }

  /** Lanes that all together take at once. */
  default int inFlight() {
    return all().stream().mapToInt(LaneClassifier::batchSize).sum();
  }

  /** Calls of the diffusion network that one lane costs. */
  int stepsPerLane();

  /** How many lanes are taken at once, in lines for people. */
  List<String> batches();

  /** What to tell of a worker that failed while others go on. */
  String farewell(LaneClassifier worker, DeviceException why);

  @Override
  void close();
}
