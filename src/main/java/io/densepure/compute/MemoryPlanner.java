package io.densepure.compute;

import java.util.function.Consumer;

/** Finds out what a device's memory has room for before anything is allocated. */
public interface MemoryPlanner {
  /** Bytes that can still be allocated. */
  long freeBytes();

  /**
   * Bytes that would be taken by all that {@code body} makes: weights that are not on the device
   * yet, persistent tensors and the intermediate memory of programs, which are taken to live side
   * by side.
   *
   * @param body makes tensors and programs on the device that it is given; that one only counts,
   *     and neither carries data nor runs
   */
  long bytes(Consumer<Device> body);
}
