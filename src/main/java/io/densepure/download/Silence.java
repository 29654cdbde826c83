package io.densepure.download;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Closes a stream on which nothing has arrived for too long; blocked reads then fail. */
final class Silence implements AutoCloseable {
  private static final int CHECKS = 4;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "download-watch");
            thread.setDaemon(true);
            return thread;
          });
  private volatile long lastSign = System.nanoTime();
  private volatile boolean broken;

  Silence(InputStream in, Duration longest) {
    long period = Math.max(1, longest.toNanos() / CHECKS);
    timer.scheduleAtFixedRate(
        () -> {
          if (System.nanoTime() - lastSign > longest.toNanos()) {
            broken = true;
            closeQuietly(in);
          }
        },
        period,
        period,
        TimeUnit.NANOSECONDS);
  }

  private static void closeQuietly(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      // the reader fails in any case
    }
  }

  /** Something has arrived. */
  void sign() {
    lastSign = System.nanoTime();
  }

  /** Whether the stream was closed. */
  boolean broken() {
    return broken;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
