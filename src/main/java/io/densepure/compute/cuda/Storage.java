package io.densepure.compute.cuda;

import io.densepure.compute.ArenaPlan;
import jcuda.driver.CUdeviceptr;

/**
 * The bytes behind one tensor or several reshaped views of it. Persistent storage has its address
 * from the start; intermediate storage belongs to one {@link Recording} and gets its place in the
 * arena once the last step that uses it is known.
 */
final class Storage {
  private final long bytes;
  private final DeviceMemory memory;
  private final Recording recording;
  private int firstStep = -1;
  private int lastStep = -1;
  private CUdeviceptr pointer;

  private Storage(long bytes, DeviceMemory memory, Recording recording, CUdeviceptr pointer) {
    this.bytes = bytes;
    this.memory = memory;
    this.recording = recording;
    this.pointer = pointer;
  }

  /**
   * @param memory where {@code pointer} was allocated
   */
  static Storage persistent(long bytes, DeviceMemory memory, CUdeviceptr pointer) {
    return new Storage(bytes, memory, null, pointer);
  }

  /**
   * @param memory of the device that the program will run on
   */
  static Storage intermediate(long bytes, DeviceMemory memory, Recording recording) {
    return new Storage(bytes, memory, recording, null);
  }

  boolean isPersistent() {
    return recording == null;
  }

  /** Whether any step uses this. */
  boolean isUsed() {
    return firstStep >= 0;
  }

  /**
   * @throws IllegalArgumentException if this is another device's, or freed
   */
  void requireIn(DeviceMemory expected) {
    if (memory != expected) {
      throw new IllegalArgumentException("a tensor of another device was given");
    }
    if (isPersistent()) {
      pointer();
    }
  }

  /**
   * Notes that a step of a program reads or writes this.
   *
   * @throws IllegalArgumentException if this is another program's intermediate result
   */
  void usedBy(Recording program, int step) {
    if (isPersistent()) {
      return;
    }
    if (recording != program) {
      throw new IllegalArgumentException(
          "an intermediate result cannot be used outside the program that computes it");
    }
    firstStep = firstStep < 0 ? step : firstStep;
    lastStep = step;
  }

  /** What the arena has to hold, and when. */
  ArenaPlan.Block block() {
    return new ArenaPlan.Block(bytes, firstStep, lastStep);
  }

  void place(CUdeviceptr address) {
    pointer = address;
  }

  /** Detaches freed memory, so that a later use is an error and not a wild access. */
  CUdeviceptr release() {
    CUdeviceptr released = pointer();
    pointer = null;
    return released;
  }

  CUdeviceptr pointer() {
    if (pointer == null) {
      throw new IllegalArgumentException("the tensor's memory has been freed");
    }
    return pointer;
  }
}
