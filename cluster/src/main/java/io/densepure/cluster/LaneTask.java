package io.densepure.cluster;

import io.densepure.InputException;
import io.densepure.certify.BatchClassifier;
import io.densepure.certify.Lane;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** A task: labels the lanes of a unit, on the executor. */
final class LaneTask extends AbstractFunction1<Iterator<LaneUnit>, UnitLabels>
    implements Serializable {
  private final Broadcast<RunOrder> order;

  LaneTask(Broadcast<RunOrder> order) {
    this.order = order;
  }

  @Override
  public UnitLabels apply(Iterator<LaneUnit> units) {
    TaskContext task = TaskContext.get();
    try {
      RunOrder run = order.value();
      List<Lane> lanes = units.next().lanes(run.plan());
      return ExecutorLanes.of(run).use(task, classifier -> label(classifier, lanes, task));
    } catch (InputException e) {
      return new UnitLabels(null, 0, Place.here() + ": " + e.getMessage());
    }
  }

  private static UnitLabels label(BatchClassifier classifier, List<Lane> lanes, TaskContext task) {
    long start = System.nanoTime();
    int[] labels = new int[lanes.size()];
    for (int from = 0; from < labels.length; from += classifier.batchSize()) {
      if (task.isInterrupted()) { // another copy of the task was faster, or the run has ended
        throw new TaskKilledException("not needed any more");
      }
      int to = Math.min(labels.length, from + classifier.batchSize());
      int[] batch = classifier.classify(lanes.subList(from, to));
      System.arraycopy(batch, 0, labels, from, batch.length);
    }
    return new UnitLabels(labels, (System.nanoTime() - start) * 1e-9, null);
  }
}
