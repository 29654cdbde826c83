package io.densepure;

/**
 * What the user gave is wrong: a file, a flag, a configuration key, a checkpoint. The message is
 * one line that names the thing, says what is wrong with it and, where it can, what to do. The
 * command line prints it and exits with 2.
 */
public final class InputException extends RuntimeException {
  public InputException(String message) {
    super(message);
  }

  public InputException(String message, Throwable cause) {
    super(message, cause);
  }

  /** As {@link String#format}; a last argument that is a Throwable is not treated as the cause. */
  public static InputException of(String format, Object... args) {
    return new InputException(String.format(java.util.Locale.ROOT, format, args));
  }
}
