package io.densepure.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What happens on Ctrl-C (and SIGTERM) while something runs: it is asked to stop, gets time to end
 * the batch in flight, and then the user is told. Java ends the process when that has been said.
 */
final class Interruption implements AutoCloseable {
  /** Less than the 30 seconds that Slurm leaves between SIGTERM and SIGKILL. */
  private static final long PATIENCE_SECONDS = 20;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  /**
   * @param stop asks for an end soon and saves what there is; from any thread
   * @param farewell called when the work has ended or patience has
   */
  Interruption(Runnable stop, Runnable farewell) {
    hook =
        new Thread(
            () -> {
              stop.run();
              awaitEnd();
              stop.run();
              farewell.run();
            },
            "interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void awaitEnd() {
    try {
      ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The work has ended. Does not return if that was an interruption: the process is ending. */
  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      awaitProcessEnd();
    }
  }

  private static void awaitProcessEnd() {
    while (true) {
      try {
        Thread.sleep(Long.MAX_VALUE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
