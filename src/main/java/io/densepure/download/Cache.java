package io.densepure.download;

import java.nio.file.Path;

/** The folder for files that can be made or fetched again. */
public final class Cache {
  private Cache() {}

  /** {@code $DENSEPURE_HOME}, or {@code ~/.cache/densepure}. */
  public static Path folder() {
    String home = System.getenv("DENSEPURE_HOME");
    return home != null && !home.isBlank()
        ? Path.of(home)
        : Path.of(System.getProperty("user.home"), ".cache", "densepure");
  }
}
