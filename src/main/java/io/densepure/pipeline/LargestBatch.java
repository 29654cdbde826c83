package io.densepure.pipeline;

import io.densepure.DeviceException;
import io.densepure.DeviceMemoryException;
import io.densepure.compute.Device;
import java.util.function.Consumer;

/**
 * Sets work up on a device in batches that it has memory for: smaller ones are tried where there is
 * too little, which changes no result.
 */
final class LargestBatch {
  private LargestBatch() {}

  /** Something that works in batches. */
  interface Opener<T> {
    /** Allocates and records all that it needs on {@code device}. */
    T open(Device device, int batch);
  }

  /**
   * @param batch the size to begin with; half of it comes next, and so on
   * @param said told in a line whenever a smaller one is tried
   * @throws DeviceException if there is not even memory for one at a time; nothing of it is left on
   *     the device then
   */
  static <T> T open(Device device, int batch, Opener<T> opener, Consumer<String> said) {
    for (int size = batch; true; size /= 2) {
      try {
        return attempt(device, size, opener);
      } catch (DeviceMemoryException e) {
        if (size == 1) {
          throw new DeviceException(
              "%s: no memory even for one image at a time: %s"
                  .formatted(device.name(), e.getMessage()),
              e);
        }
        said.accept(
            "%s: no memory for batches of %d; trying %d".formatted(device.name(), size, size / 2));
      }
    }
  }

  /**
   * With this very batch.
   *
   * @throws DeviceMemoryException if there is no memory for it; nothing is left on the device then
   */
  static <T> T attempt(Device device, int batch, Opener<T> opener) {
    UndoableDevice attempt = new UndoableDevice(device);
    try {
      return opener.open(attempt, batch);
    } catch (OutOfMemoryError e) {
      attempt.undo();
      throw new DeviceMemoryException(device.name() + ": " + e.getMessage());
    } catch (RuntimeException | Error e) {
      attempt.undo();
      throw e;
    }
  }
}
