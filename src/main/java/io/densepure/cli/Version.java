package io.densepure.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/**
 * What {@code --version} prints and run journals record: version and the commit it was built from.
 */
public final class Version implements IVersionProvider {
  /** As {@code 0.1.0 (commit 1a2b3c4)}. */
  public static String text() {
    Properties p = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/version.properties")) {
      if (in != null) {
        p.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String commit = p.getProperty("commit", "");
    boolean known = !commit.isEmpty() && !commit.startsWith("${");
    return "%s (commit %s)".formatted(p.getProperty("version", "?"), known ? commit : "unknown");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"densepure " + text()};
  }
}
