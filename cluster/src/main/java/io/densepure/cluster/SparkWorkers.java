package io.densepure.cluster;

import io.densepure.DeviceException;
import io.densepure.InputException;
import io.densepure.certify.Lane;
import io.densepure.certify.LaneClassifier;
import io.densepure.pipeline.LaneWorkers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * What computes the lanes of one run: a few jobs at a time, so that one's end is not waited for.
 */
final class SparkWorkers implements LaneWorkers {
  private static final int JOBS = 3;

  private final Broadcast<RunOrder> order;
  private final Probe probe;
  private final List<SparkClassifier> all = new ArrayList<>();
  private final int taskLanes;
  private final IntSupplier slots;
  private final Runnable awaitJobs;

  /**
   * Has one executor load the networks, and measures how fast it is.
   *
   * @param image one of the run's
   * @throws InputException if the executor lacks something; says what and where
   * @throws DeviceException if there is no executor, or it fails
   */
  SparkWorkers(JavaSparkContext spark, RunOrder run, int image, TaskSize size, IntSupplier slots) {
    this.slots = slots;
    SparkJob job = new SparkJob(spark);
    order = spark.broadcast(run);
    try {
      probe = probe(job, run, image);
    } catch (RuntimeException e) {
      order.destroy();
      throw e;
    }
    taskLanes = size.lanes(probe.batch(), probe.secondsPerBatch());
    LaneTask task = new LaneTask(order);
    for (int i = 0; i < JOBS; i++) {
      all.add(new SparkClassifier(job, task, run, probe, taskLanes, slots));
    }
    awaitJobs = job::awaitIdle;
    ProcessEnd.delay(awaitJobs);
  }

  private Probe probe(SparkJob job, RunOrder run, int image) {
    List<Lane> lanes = new ArrayList<>();
    for (int i = 0; i < run.plan().lanes() && i < 1024; i++) {
      lanes.add(run.plan().lane(image, i));
    }
    List<Probe> found = new ArrayList<>();
    job.run(
        List.of(LaneUnit.of(lanes, run.plan())),
        new ProbeTask(order),
        (result, unit) -> found.add(result));
    Probe result = found.get(0);
    if (result.complaint() != null) {
      throw new InputException(result.complaint());
    }
    return result;
  }

  @Override
  public List<SparkClassifier> all() {
    return List.copyOf(all);
  }

  @Override
  public int stepsPerLane() {
    return probe.stepsPerLane();
  }

  @Override
  public List<String> batches() {
    int now = slots.getAsInt();
    return List.of(
        String.format(
            Locale.ROOT,
            "%d task%s at once of %d lanes each, in batches of %d that take %.2f s on %s",
            now,
            now == 1 ? "" : "s",
            taskLanes,
            probe.batch(),
            probe.secondsPerBatch(),
            probe.device()));
  }

  @Override
  public String farewell(LaneClassifier worker, DeviceException why) {
    return "A job has failed; others go on: " + why.getMessage();
  }

  @Override
  public void close() {
    ProcessEnd.doNotDelay(awaitJobs);
    all.clear();
    order.unpersist();
  }
}
