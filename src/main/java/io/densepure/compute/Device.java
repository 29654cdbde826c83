package io.densepure.compute;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Something that computes: the CPU, or one GPU. Used by one thread at a time. Methods that take a
 * tensor throw {@link IllegalArgumentException} for one of another device, a freed one, or an
 * intermediate result; all throw {@link IllegalStateException} once the device is closed.
 *
 * <pre>{@code
 * Tensor x = device.allocate(DType.F32, Shape.of(8, 32, 32, 3));
 * Tensor y = device.allocate(DType.F32, Shape.of(8, 32, 32, 6));
 * Program forward = device.record(ops -> ops.assign(y, unet.forward(ops, x, t)));
 * device.upload(x, pixels);
 * forward.run();
 * float[] out = device.downloadFloats(y);
 * }</pre>
 */
public interface Device extends AutoCloseable {
  /** One line for people: the device, its library and version, threads or memory. */
  String description();

  /** The short name used on the command line: {@code cpu}, {@code cuda:0}. */
  String name();

  /**
   * Whether activations can be stored in {@code dtype} ({@code F32}, {@code F16} or {@code BF16}).
   */
  boolean supports(DType dtype);

  /**
   * A persistent tensor, filled with zeros, of {@code F32}, {@code F16}, {@code BF16} or {@code
   * I32}.
   */
  Tensor allocate(DType dtype, Shape shape);

  /**
   * Frees a persistent tensor now rather than with the device. Programs that use it must be closed
   * before.
   */
  void free(Tensor persistent);

  /**
   * Copies {@code source}, row-major and channels last, into a persistent floating-point tensor,
   * rounding to its dtype (nearest even).
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  void upload(Tensor persistent, float[] source);

  /** As {@link #upload(Tensor, float[])} for an {@code I32} tensor. */
  void upload(Tensor persistent, int[] source);

  /**
   * The contents of a persistent floating-point tensor, row-major and channels last. Waits for the
   * device.
   */
  float[] downloadFloats(Tensor persistent);

  /** The contents of a persistent {@code I32} tensor. Waits for the device. */
  int[] downloadInts(Tensor persistent);

  /**
   * Records the operations that {@code body} performs. Nothing is computed yet; the body runs
   * exactly once. Only what {@link Ops#assign} stores in a persistent tensor outlives a run.
   */
  Program record(Consumer<Ops> body);

  /** For a device with memory of its own; empty for one that shares the machine's. */
  default Optional<MemoryPlanner> memoryPlanner() {
    return Optional.empty();
  }

  /** Waits until everything asked for so far is done. */
  void synchronize();

  /** Frees everything that belongs to this device. */
  @Override
  void close();
}
