package io.densepure.compute.cpu;

import io.densepure.DeviceMemoryException;
import io.densepure.compute.ArenaPlan;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** A block of zeros outside the Java heap, aligned for vector loads. */
final class NativeMemory implements AutoCloseable {
  private final Pointer allocation;
  private final BytePointer start;

  NativeMemory(long bytes) {
    // The system may promise more than there is, and end the process when it is used.
    long machine = Pointer.totalPhysicalBytes();
    if (bytes < 0 || machine > 0 && bytes > machine) {
      throw new DeviceMemoryException(
          "cpu: %d MiB are needed, more than the machine's %d MiB; use a smaller batch size"
              .formatted(bytes >> 20, machine >> 20));
    }
    allocation = Pointer.calloc(1, Math.max(1, bytes) + ArenaPlan.ALIGNMENT);
    if (Pointer.isNull(allocation)) {
      throw new DeviceMemoryException(
          "cpu: no memory for " + (bytes >> 20) + " MiB; use a smaller batch size");
    }
    long skip = -allocation.address() & (ArenaPlan.ALIGNMENT - 1);
    start = new BytePointer(allocation).getPointer(skip);
  }

  BytePointer start() {
    return start;
  }

  @Override
  public void close() {
    Pointer.free(allocation);
  }
}
