package io.densepure;

/**
 * A device has not as much memory as was asked for. The device is as it was before, so that less
 * can be asked for.
 */
public final class DeviceMemoryException extends DeviceException {
  public DeviceMemoryException(String message) {
    super(message);
  }
}
