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
  private final Recording owner;
  private int firstStep = -1;
  private int lastStep = -1;
  private CUdeviceptr pointer;

  private Storage(long bytes, Recording owner, CUdeviceptr pointer) {
    this.bytes = bytes;
    this.owner = owner;
    this.pointer = pointer;
  }

  static Storage persistent(long bytes, CUdeviceptr pointer) {
    return new Storage(bytes, null, pointer);
  }

  static Storage intermediate(long bytes, Recording owner) {
    return new Storage(bytes, owner, null);
  }

  boolean isPersistent() {
    return owner == null;
  }

  /** Notes that step {@code step} of {@code recording} reads or writes this. */
  void usedBy(Recording recording, int step) {
    if (owner == null) {
      pointer();
      return;
    }
    if (owner != recording) {
      throw new IllegalArgumentException(
          "an intermediate result cannot be used outside the program that computes it");
    }
    firstStep = firstStep < 0 ? step : firstStep;
    lastStep = step;
  }

  boolean isUsed() {
    return firstStep >= 0;
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
