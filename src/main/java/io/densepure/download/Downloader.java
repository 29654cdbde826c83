package io.densepure.download;

import io.densepure.InputException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Fetches files so that they are whole: goes on after interruptions, tries again a bounded number
 * of times, compares digests, and gives a file its name only when all of it is right.
 */
final class Downloader {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
  private static final int MOST_REQUESTS = 1000;

  private final HttpSource source;
  private final int retries;
  private final Library.Observer observer;

  /**
   * @param patience how long a server may be silent
   * @param retries how often to try again without any bytes coming in
   */
  Downloader(
      Duration patience, int retries, Map<String, String> environment, Library.Observer observer) {
    this.source = new HttpSource(patience, environment);
    this.retries = retries;
    this.observer = observer;
  }

  /**
   * Fetches {@code file} to {@code target}.
   *
   * @return its sha256
   * @throws InputException if no address gives the right file, or it cannot be written; what has
   *     arrived is kept for the next time unless it is wrong
   */
  Digest fetch(RemoteFile file, Path target) {
    List<String> reasons = new ArrayList<>();
    try (PartFile part = PartFile.open(target)) {
      for (URI url : file.urls()) {
        try {
          return fetch(file, url, part);
        } catch (IOException e) {
          reasons.add(url + ": " + reason(e));
          if (reasons.size() < file.urls().size()) {
            observer.note(reasons.get(reasons.size() - 1) + "; trying the next address");
          }
        }
      }
      boolean kept = part.size() > 0;
      throw InputException.of(
          "%s could not be fetched: %s; %s, or bring the file by other means to %s",
          file.name(),
          String.join("; ", reasons),
          kept
              ? "what has arrived is kept: give the same command again, name a mirror with --url"
              : "try later, name a mirror with --url",
          target);
    }
  }

  private Digest fetch(RemoteFile file, URI url, PartFile part) throws IOException {
    if (!file.pinned() && "http".equalsIgnoreCase(url.getScheme())) {
      observer.note(
          url + ": not encrypted, and no digest was published: who is on the way can change it");
    }
    boolean resumed = part.size() > 0;
    transfer(file, url, part);
    Digest sha256 = Digest.of(part.path(), Digest.SHA256);
    String wrong = misfit(file, part.path(), sha256);
    if (wrong != null && resumed) {
      observer.note(file.name() + ": " + wrong + "; fetching all of it anew");
      part.restart(url, "");
      return fetch(file, url, part);
    }
    if (wrong != null) {
      part.restart(url, "");
      throw HttpSource.Failure.lasting("%s; deleted", wrong);
    }
    part.finish();
    return sha256;
  }

  /** How a file differs from what was published; null if it does not. */
  static String misfit(RemoteFile file, Path here, Digest sha256) throws IOException {
    for (Digest published : file.digests()) {
      Digest actual =
          published.algorithm().equals(Digest.SHA256)
              ? sha256
              : Digest.of(here, published.algorithm());
      if (!published.matches(actual)) {
        return "its digest is %s, but %s was published".formatted(actual, published);
      }
    }
    return null;
  }

  /** Asks again as long as it helps. */
  private void transfer(RemoteFile file, URI url, PartFile part) throws IOException {
    int failures = 0;
    for (int request = 1; ; request++) {
      long before = part.size();
      try {
        source.transfer(
            file, url, part, (done, total) -> observer.progress(file.name(), done, total));
        return;
      } catch (IOException e) {
        failures = part.size() > before ? 1 : failures + 1;
        boolean lasting = e instanceof HttpSource.Failure f && f.isLasting();
        if (lasting || failures > retries || request == MOST_REQUESTS) {
          throw e;
        }
        Duration pause = pause(e, failures);
        observer.note(
            String.format(
                Locale.ROOT,
                "%s: %s; again in %.1f s (%d of %d)",
                file.name(),
                reason(e),
                pause.toMillis() / 1000.0,
                failures,
                retries));
        sleep(pause);
      }
    }
  }

  private static Duration pause(IOException e, int failures) {
    Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(failures - 1, 10));
    Duration asked = e instanceof HttpSource.Failure f ? f.retryAfter() : Duration.ZERO;
    Duration longer = asked.compareTo(doubled) > 0 ? asked : doubled;
    return longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw InputException.of("interrupted");
    }
  }

  /** The JDK's own words for these are null or hard to understand. */
  private static String reason(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "no such host; is there a connection, and does https_proxy need to be set?";
      }
    }
    if (e instanceof HttpTimeoutException) {
      return "no answer in time";
    }
    if (e instanceof HttpSource.Failure) {
      return e.getMessage();
    }
    return e instanceof ConnectException
        ? "no connection" + (e.getMessage() == null ? "" : " (" + e.getMessage() + ")")
        : "the connection broke (" + e.getMessage() + ")";
  }
}
