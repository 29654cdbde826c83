package io.densepure.cluster;

import io.densepure.DeviceException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Spark's exceptions say, without the stack traces in their messages. */
final class Failures {
  private static final Pattern OURS = Pattern.compile("io\\.densepure\\.DeviceException: ([^\n]*)");

  private Failures() {}

  /** The reason in one line. */
  static String reason(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof DeviceException) {
        return t.getMessage();
      }
    }
    String text = String.valueOf(failure.getMessage());
    Matcher ours = OURS.matcher(text);
    if (ours.find()) {
      return ours.group(1);
    }
    String first = text.lines().findFirst().orElse("").trim();
    return first.isEmpty() ? failure.getClass().getSimpleName() : first;
  }
}
