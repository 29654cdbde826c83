package io.densepure.cluster;

import com.sun.management.OperatingSystemMXBean;
import io.densepure.certify.BatchClassifier;
import io.densepure.certify.EarlyVoting;
import io.densepure.certify.Lane;
import io.densepure.certify.LaneClassifier;
import io.densepure.certify.LaneScheduler;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteBoard;
import io.densepure.certify.VoteCertifier;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** A driver whose tasks do nothing: what is left is what Spark and the driver's own work cost. */
public final class Overheads {
  private static final int TASKS = 100;
  private static final int REPEATS = 3;
  private static final int LABELS = 8192;
  private static final SamplingPlan PLAN = new SamplingPlan(100, 20_000, 40);

  private Overheads() {}

  /** Gives as many labels as a task of ten seconds on an A100 has. */
  private static final class NoTask extends AbstractFunction1<Iterator<LaneUnit>, UnitLabels>
      implements Serializable {
    @Override
    public UnitLabels apply(Iterator<LaneUnit> units) {
      return new UnitLabels(new int[units.next().lanes(PLAN).size()], 0, null);
    }
  }

  /**
   * @param args none but the master's URL
   */
  public static void main(String[] args) {
    long start = System.nanoTime();
    try (JavaSparkContext spark = new JavaSparkContext(new SparkConf())) {
      SparkJob job = new SparkJob(spark);
      List<LaneUnit> units = units();
      run(job, units.subList(0, 1));
      say("first result of the first executor: %.2f s after the start", seconds(start));
      run(job, units); // warms up
      int slots = spark.sc().defaultParallelism();
      double one = median(() -> run(job, units.subList(0, 1)));
      long before = processCpuNanos();
      double many = median(() -> run(job, units));
      double cpu = (processCpuNanos() - before) * 1e-9 / REPEATS;
      say("a job of one task: %.4f s", one);
      say("a job of %d tasks of %d lanes: %.4f s, %d at once", TASKS, LABELS, many, slots);
      say("gap between tasks of a slot: %.4f s", many * slots / TASKS);
      say("driver, a task: %.5f s of CPU time, on all of its threads", cpu / TASKS);
    }
    say("driver, a lane: %.3g s", median(Overheads::schedule) / (2L * PLAN.lanes()));
  }

  private static List<LaneUnit> units() {
    List<Lane> lanes = new ArrayList<>();
    for (int i = 0; i < LABELS; i++) {
      lanes.add(PLAN.lane(0, i));
    }
    List<LaneUnit> units = new ArrayList<>();
    for (int i = 0; i < TASKS; i++) {
      units.add(LaneUnit.of(lanes, PLAN));
    }
    return units;
  }

  private static void run(SparkJob job, List<LaneUnit> units) {
    job.run(units, new NoTask(), (labels, unit) -> {});
  }

  /** What the driver does for the lanes of two images; labels cost nothing, and all votes count. */
  private static void schedule() {
    LaneClassifier free =
        new BatchClassifier() {
          @Override
          public int batchSize() {
            return 64 * LABELS;
          }

          @Override
          public int classes() {
            return 1000;
          }

          @Override
          public int[] classify(List<Lane> lanes) {
            int[] labels = new int[lanes.size()];
            for (int from = 0; from < labels.length; from += LABELS) {
              LaneUnit.of(lanes.subList(from, Math.min(from + LABELS, labels.length)), PLAN);
            }
            for (int i = 0; i < labels.length; i++) {
              labels[i] = lanes.get(i).vote() % 2; // no majority before the last vote
            }
            return labels;
          }

          @Override
          public void close() {}
        };
    new LaneScheduler(
            List.of(free), new EarlyVoting(new VoteCertifier(0.5, 0.001), 4 * free.batchSize()))
        .run(List.of(0, 1), image -> new VoteBoard(image, PLAN, 1000), board -> {});
  }

  private static long processCpuNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static double median(Runnable work) {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < REPEATS; i++) {
      long start = System.nanoTime();
      work.run();
      seconds.add(seconds(start));
    }
    return seconds.stream().sorted().toList().get(seconds.size() / 2);
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  private static void say(String format, Object... args) {
    System.out.println(String.format(Locale.ROOT, format, args));
  }
}
