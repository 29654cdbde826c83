package io.densepure;

/**
 * A compute device or one of its native libraries is missing or failed. The message is one line
 * that says what failed and what to install or try. The command line prints it and exits with 3.
 */
public class DeviceException extends RuntimeException {
  public DeviceException(String message) {
    super(message);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
