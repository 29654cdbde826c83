package io.densepure.download;

import java.nio.file.Path;

/** The folder for files that can be made or fetched again. */
public final class Cache {
  /** The system property that moves it, before the environment's setting. */
  public static final String PROPERTY = "densepure.home";

  private Cache() {}

  /** {@code -Ddensepure.home}, {@code $DENSEPURE_HOME}, or {@code ~/.cache/densepure}. */
  public static Path folder() {
    String home = System.getProperty(PROPERTY, System.getenv("DENSEPURE_HOME"));
    return home != null && !home.isBlank()
        ? Path.of(home)
        : Path.of(System.getProperty("user.home"), ".cache", "densepure");
  }
}
