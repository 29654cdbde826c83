package io.densepure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * What the user gave is wrong: a file, a flag, a configuration key, a checkpoint. The message is
 * one line that names the thing, says what is wrong with it and, where it can, what to do. The
 * command line prints it and exits with 2.
 */
public final class InputException extends RuntimeException {
  private static final int MAX_QUOTED = 100;
  private static final int MAX_MESSAGE = 1500;

  /** What is unsafe to print in {@code message} is escaped, as {@link #quote} does it. */
  public InputException(String message) {
    super(printable(message, MAX_MESSAGE, false));
  }

  /** As above. */
  public InputException(String message, Throwable cause) {
    super(printable(message, MAX_MESSAGE, false), cause);
  }

  /** As {@link String#format}; a last argument that is a Throwable is not treated as the cause. */
  public static InputException of(String format, Object... args) {
    return new InputException(String.format(java.util.Locale.ROOT, format, args));
  }

  /** That reading {@code file} failed, and why. */
  public static InputException unreadable(Object file, IOException e) {
    return new InputException(file + ": cannot be read: " + reason(e), e);
  }

  /** That writing {@code file} failed, and why. */
  public static InputException unwritable(Object file, IOException e) {
    String why = e instanceof NoSuchFileException ? "its folder does not exist" : reason(e);
    return new InputException(file + ": cannot be written: " + why, e);
  }

  /** Why an operation on a file failed, in words: the JDK's message is often only its name. */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "a file of that name is in the way";
    }
    return e instanceof FileSystemException f && f.getReason() != null
        ? f.getReason()
        : e.getMessage();
  }

  /**
   * A name that came out of a file, made safe for a one-line message: quoted, control characters
   * escaped, cut after 100 characters.
   */
  public static String quote(CharSequence untrusted) {
    return "'" + printable(untrusted, MAX_QUOTED, true) + "'";
  }

  /** A name that came out of a file, made safe to print: as {@link #quote}, without the quotes. */
  public static String printable(CharSequence untrusted) {
    return printable(untrusted, MAX_QUOTED, false);
  }

  /** Line ends, terminals' commands and invisible characters are escaped. */
  private static String printable(CharSequence text, int limit, boolean escapeSurrogates) {
    int shown = Math.min(text.length(), limit);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < shown; i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)
          || escapeSurrogates && Character.isSurrogate(c)
          || Character.getType(c) == Character.FORMAT) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append(shown < text.length() ? "..." : "").toString();
  }
}
