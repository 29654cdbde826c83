package io.densepure.cluster;

import io.densepure.InputException;
import io.densepure.certify.Lane;
import io.densepure.certify.LaneClassifier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/** The cluster as a classifier of very large batches: a batch is a job, and its parts are tasks. */
final class SparkClassifier implements LaneClassifier {
  private final SparkJob job;
  private final LaneTask task;
  private final RunOrder order;
  private final Probe probe;
  private final int taskLanes;
  private final IntSupplier slots;

  /**
   * @param probe of an executor like all others
   * @param taskLanes lanes of a task
   * @param slots how many tasks the cluster runs at once, now
   */
  SparkClassifier(
      SparkJob job, LaneTask task, RunOrder order, Probe probe, int taskLanes, IntSupplier slots) {
    this.job = job;
    this.task = task;
    this.order = order;
    this.probe = probe;
    this.taskLanes = taskLanes;
    this.slots = slots;
  }

  /** A task for every slot that there is now: executors come and go. */
  @Override
  public int batchSize() {
    return (int) Math.min(1 << 30, (long) taskLanes * Math.max(1, slots.getAsInt()));
  }

  @Override
  public int classes() {
    return probe.classes();
  }

  /** Labels come as tasks finish. */
  @Override
  public void classify(List<Lane> lanes, LabelSink sink) {
    List<List<Lane>> parts = parts(lanes, taskLanes(lanes.size()));
    List<LaneUnit> units = parts.stream().map(p -> LaneUnit.of(p, order.plan())).toList();
    job.run(
        units,
        task,
        (labels, unit) -> {
          if (labels.complaint() != null) {
            job.end(new InputException(labels.complaint()));
          }
          sink.put(parts.get(unit), labels.labels(), labels.seconds());
        });
  }

  /** Fewer lanes for a task at the end of a run, so that all slots have some; but whole batches. */
  private int taskLanes(int lanes) {
    int batch = probe.batch();
    int each = (lanes + Math.max(1, slots.getAsInt()) - 1) / Math.max(1, slots.getAsInt());
    return Math.min(taskLanes, (each + batch - 1) / batch * batch);
  }

  private static List<List<Lane>> parts(List<Lane> lanes, int size) {
    List<List<Lane>> parts = new ArrayList<>();
    for (int from = 0; from < lanes.size(); from += size) {
      parts.add(lanes.subList(from, Math.min(lanes.size(), from + size)));
    }
    return parts;
  }

  /** The cluster is closed with its engine. */
  @Override
  public void close() {}
}
