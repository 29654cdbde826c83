package io.densepure.cluster;

import io.densepure.InputException;
import org.apache.spark.SparkConf;

/**
 * How much work a task is: long enough that Spark's overhead does not matter, short enough that
 * little is lost with an executor.
 *
 * @param seconds that a task should take, more or less
 */
record TaskSize(double seconds) {
  private static final String KEY = "spark.densepure.taskSeconds";
  static final double USUAL_SECONDS = 10;

  /** Labels of a task travel in one message. */
  private static final int MAX_LANES = 1 << 17;

  /**
   * @throws InputException if the setting is no positive number
   */
  static TaskSize of(SparkConf conf) {
    String value = conf.get(KEY, String.valueOf(USUAL_SECONDS));
    try {
      double seconds = Double.parseDouble(value);
      if (seconds > 0) {
        return new TaskSize(seconds);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw InputException.of("%s must be a positive number, not '%s'", KEY, value);
  }

  /** Lanes of a task: whole batches. */
  int lanes(int batch, double secondsPerBatch) {
    double batches = Math.max(1, Math.rint(seconds / secondsPerBatch));
    return batch * (int) Math.max(1, Math.min(batches, MAX_LANES / batch));
  }
}
