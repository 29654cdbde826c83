package io.densepure.cluster;

import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Ctrl-C and SIGTERM. Spark has a hook that ends all jobs at once; a run is to end as on one
 * machine, where what is under way may end, and be saved.
 */
final class ProcessEnd {
  /** Hooks run from the highest to the lowest; Spark's is at 40, as those of file systems at 10. */
  private static final int BEFORE_SPARK = 60;

  /** More than a run waits for the end of its batches. */
  private static final int LIMIT_SECONDS = 25;

  private ProcessEnd() {}

  /** Has {@code wait} called before Spark ends, if the process is ended from outside. */
  static void delay(Runnable wait) {
    hooks().addShutdownHook(wait, BEFORE_SPARK, LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Takes {@link #delay} back. */
  static void doNotDelay(Runnable wait) {
    if (!hooks().isShutdownInProgress()) {
      hooks().removeShutdownHook(wait);
    }
  }

  /**
   * To be called when something of Spark has failed: does not return if that is because the process
   * is ending, which would look like an error.
   */
  static void awaitIfNear() {
    while (hooks().isShutdownInProgress()) {
      try {
        Thread.sleep(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static ShutdownHookManager hooks() {
    return ShutdownHookManager.get();
  }
}
