package io.densepure.compute.cpu;

import org.bytedeco.javacpp.BytePointer;

/**
 * The bytes behind one or more tensors: a persistent tensor's own memory, or a place in a program's
 * arena, known once the program is planned.
 */
final class Storage {
  private final long bytes;
  private final boolean persistent;
  private BytePointer memory;
  private Storage takenOver;
  private int firstStep = Integer.MAX_VALUE;
  private int lastStep = -1;

  private Storage(long bytes, boolean persistent, BytePointer memory) {
    this.bytes = bytes;
    this.persistent = persistent;
    this.memory = memory;
  }

  static Storage persistent(long bytes, BytePointer memory) {
    return new Storage(bytes, true, memory);
  }

  /** To be placed in an arena. */
  static Storage intermediate(long bytes) {
    return new Storage(bytes, false, null);
  }

  /** The storage whose bytes these really are. */
  Storage resolved() {
    return takenOver == null ? this : takenOver.resolved();
  }

  /** From now on the same bytes as {@code other}, which lives as long as both. */
  void takeOver(Storage other) {
    other.usedAt(lastStep);
    takenOver = other;
  }

  void usedAt(int step) {
    firstStep = Math.min(firstStep, step);
    lastStep = Math.max(lastStep, step);
  }

  long bytes() {
    return bytes;
  }

  boolean isPersistent() {
    return persistent;
  }

  int firstStep() {
    return firstStep;
  }

  int lastStep() {
    return lastStep;
  }

  void place(BytePointer at) {
    memory = at;
  }

  BytePointer memory() {
    return resolved().memory;
  }
}
