package io.densepure.cluster;

import java.util.List;
import java.util.Locale;

/**
 * Predicts how long the paper's runs take on clusters of GPUs: the table of docs/cluster.md, which
 * {@code java -cp densepure-cluster.jar:densepure.jar io.densepure.cluster.ThroughputModel} prints.
 *
 * <p>A run of W lanes is cut into n tasks of c seconds. G GPUs take {@code n / G * (c + gap)}
 * seconds; the driver, which works beside them, {@code n * perTask + W * perLane}. The slower of
 * the two counts, before it the start, and after it a last task while others are idle.
 *
 * @param startSeconds until all executors have their networks ready
 * @param gapSeconds between the end of a task and the beginning of the next one on the same slot
 * @param driverSecondsPerTask that the driver needs for launching a task and taking its result
 * @param driverSecondsPerLane that the driver needs for choosing a lane and entering its label
 */
record ThroughputModel(
    double startSeconds,
    double gapSeconds,
    double driverSecondsPerTask,
    double driverSecondsPerLane) {
  private static final int[] GPUS = {1, 8, 64, 512};

  /**
   * As {@code OverheadMeasurement} had it on two busy cores; but for the start, which is assumed.
   */
  static final ThroughputModel FITTED = new ThroughputModel(120, 0.17, 0.00763, 4e-6);

  /**
   * A full run, with every vote cast.
   *
   * @param lanes of all images
   * @param batch lanes that a GPU takes at once
   * @param laneSeconds that a lane takes a GPU: its reverse steps and the classifier
   */
  record Run(String name, int images, long lanes, int batch, double laneSeconds) {
    static Run of(
        String name, int images, int n, int batch, double unetMillis, double classifierMillis) {
      int votes = 40;
      int steps = 10;
      long lanes = (long) images * (100 + n) * votes;
      return new Run(name, images, lanes, batch, (steps * unetMillis + classifierMillis) * 1e-3);
    }
  }

  /** The paper's headline runs, with docs/performance.md's estimates of a forward pass in fp16. */
  static final List<Run> RUNS =
      List.of(
          Run.of("CIFAR-10, A100", 500, 100_000, 1024, 0.11, 0.22),
          Run.of("CIFAR-10, H100", 500, 100_000, 1024, 0.05, 0.08),
          Run.of("ImageNet, A100", 100, 10_000, 16, 14.12, 4.25),
          Run.of("ImageNet, H100", 100, 10_000, 16, 5.13, 1.45));

  /**
   * @return seconds that {@code run} takes on {@code gpus} GPUs
   */
  double seconds(Run run, int gpus) {
    int taskLanes = new TaskSize(TaskSize.USUAL_SECONDS).lanes(run.batch(), batchSeconds(run));
    double task = taskLanes * run.laneSeconds();
    double tasks = Math.ceil((double) run.lanes() / taskLanes);
    double cluster = tasks / gpus * (task + gapSeconds);
    double driver = tasks * driverSecondsPerTask + run.lanes() * driverSecondsPerLane;
    return startSeconds + Math.max(cluster, driver) + (gpus == 1 ? 0 : task);
  }

  private static double batchSeconds(Run run) {
    return run.batch() * run.laneSeconds();
  }

  /** The share of the GPUs' time that is computing. */
  double efficiency(Run run, int gpus) {
    return run.lanes() * run.laneSeconds() / (gpus * seconds(run, gpus));
  }

  /** The table in Markdown. */
  String table() {
    StringBuilder out = new StringBuilder("| run | million lanes | ms a lane |");
    StringBuilder line = new StringBuilder("|---|--:|--:|");
    for (int gpus : GPUS) {
      out.append(" %d GPU%s |".formatted(gpus, gpus == 1 ? "" : "s"));
      line.append("--:|");
    }
    out.append('\n').append(line).append('\n');
    RUNS.forEach(run -> out.append(row(run)));
    return out.toString();
  }

  private String row(Run run) {
    StringBuilder row =
        new StringBuilder(
            format(
                "| %s | %.1f | %.2f |", run.name(), run.lanes() * 1e-6, run.laneSeconds() * 1e3));
    for (int gpus : GPUS) {
      double seconds = seconds(run, gpus);
      row.append(
          format(
              " %s, %.3g images/h, %.0f %% |",
              duration(seconds), run.images() / (seconds / 3600), 100 * efficiency(run, gpus)));
    }
    return row.append('\n').toString();
  }

  private static String duration(double seconds) {
    double hours = seconds / 3600;
    return hours >= 48 ? format("%.1f d", hours / 24) : format("%.1f h", hours);
  }

  private static String format(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }

  /** Prints the table. */
  public static void main(String[] args) {
    System.out.print(FITTED.table());
  }
}
