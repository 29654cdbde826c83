package io.densepure.cluster;

import io.densepure.InputException;
import io.densepure.certify.BatchClassifier;
import io.densepure.certify.Lane;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/**
 * The first task of a run: finds out whether an executor has what the run needs, and how fast it
 * is. Its labels are thrown away.
 */
final class ProbeTask extends AbstractFunction1<Iterator<LaneUnit>, Probe> implements Serializable {
  /** A first batch that took longer is not repeated: warming up is then a small part of it. */
  private static final double LONG_SECONDS = 2;

  private final Broadcast<RunOrder> order;

  ProbeTask(Broadcast<RunOrder> order) {
    this.order = order;
  }

  @Override
  public Probe apply(Iterator<LaneUnit> units) {
    long start = System.nanoTime();
    try {
      RunOrder run = order.value();
      List<Lane> lanes = units.next().lanes(run.plan());
      ExecutorLanes here = ExecutorLanes.of(run);
      return here.use(
          TaskContext.get(), classifier -> probe(classifier, lanes, here.stepsPerLane(), start));
    } catch (InputException e) {
      return new Probe(null, 0, 0, 0, 0, 0, Place.here() + ": " + e.getMessage());
    }
  }

  private static Probe probe(BatchClassifier classifier, List<Lane> lanes, int steps, long start) {
    double startSeconds = (System.nanoTime() - start) * 1e-9;
    int batch = classifier.batchSize();
    List<Lane> some = lanes.subList(0, Math.min(batch, lanes.size())); // costs as much as a batch
    double seconds = seconds(classifier, some);
    for (int i = 0; i < 2 && seconds < LONG_SECONDS; i++) {
      seconds = seconds(classifier, some);
    }
    return new Probe(
        classifier.toString(), batch, classifier.classes(), steps, startSeconds, seconds, null);
  }

  private static double seconds(BatchClassifier classifier, List<Lane> lanes) {
    long start = System.nanoTime();
    classifier.classify(lanes);
    return (System.nanoTime() - start) * 1e-9;
  }
}
