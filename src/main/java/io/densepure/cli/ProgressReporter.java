package io.densepure.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far a long task is and when it will be done: a bar on a terminal, else a plain line now
 * and then. Everything goes to stderr, so that stdout stays clean for results.
 */
final class ProgressReporter implements AutoCloseable {
  private static final Duration LINE_EVERY = Duration.ofSeconds(10);
  private static final Duration FIRST_LINE = Duration.ofSeconds(2);

  private final PrintStream err;
  private final String task;
  private final String unit;
  private final long start = System.nanoTime();
  private final ProgressBar bar;
  private long firstDone = -1;
  private long nextLine = start + FIRST_LINE.toNanos();

  /**
   * @param task what is being done
   * @param unit what is counted, in the plural
   * @param total how many there are in all
   */
  ProgressReporter(String task, String unit, long total) {
    this(task, unit, total, System.err, System.console() != null);
  }

  ProgressReporter(String task, String unit, long total, PrintStream err, boolean terminal) {
    this.err = err;
    this.task = task;
    this.unit = unit;
    this.bar =
        terminal
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(" " + unit, 1)
                .showSpeed()
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .setUpdateIntervalMillis(500)
                .build()
            : null;
  }

  /**
   * Reports where the task is.
   *
   * @param done of {@code total} units; what a resumed run already had counts as done, but not for
   *     the estimate
   * @param note shown beside it
   */
  void update(long done, long total, String note) {
    if (firstDone < 0) {
      firstDone = done;
    }
    if (bar != null) {
      bar.maxHint(total);
      bar.stepTo(done);
      bar.setExtraMessage(" " + note);
      return;
    }
    long now = System.nanoTime();
    if (now >= nextLine && done > firstDone) {
      nextLine = now + LINE_EVERY.toNanos();
      err.println(line(done, total, note, now));
    }
  }

  private String line(long done, long total, String note, long now) {
    double perSecond = (done - firstDone) / ((now - start) * 1e-9);
    Duration left = Duration.ofSeconds(Math.round((total - done) / perSecond));
    return String.format(
        Locale.ROOT,
        "%s: %d of %d %s (%.0f %%), %.1f/s, about %s left; %s",
        task,
        done,
        total,
        unit,
        100.0 * done / total,
        perSecond,
        text(left),
        note);
  }

  /** As {@code 2 d 3 h}, {@code 3 h 5 min}, {@code 4 min 10 s} or {@code 12 s}. */
  static String text(Duration d) {
    if (d.toDays() > 0) {
      return d.toDays() + " d " + d.toHoursPart() + " h";
    }
    if (d.toHours() > 0) {
      return d.toHours() + " h " + d.toMinutesPart() + " min";
    }
    return d.toMinutes() > 0
        ? d.toMinutes() + " min " + d.toSecondsPart() + " s"
        : d.toSeconds() + " s";
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
