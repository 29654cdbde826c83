package io.densepure.compute;

/**
 * A recorded sequence of operations over fixed shapes: what {@link Device#record} returns. Its
 * memory is planned, its native primitives are built and its weights are laid out once; {@link
 * #run} replays it on whatever the persistent tensors it reads hold at that moment.
 */
public interface Program extends AutoCloseable {
  /**
   * Runs the program. May return before the device has finished; {@link Device#downloadFloats} and
   * {@link Device#synchronize} wait.
   *
   * @throws io.densepure.DeviceException if the device fails
   */
  void run();

  /**
   * Bytes of intermediate memory this program needs while it runs (persistent tensors and weights
   * not included).
   */
  long arenaBytes();

  /** Frees the intermediate memory. Weights stay with the device, shared by all its programs. */
  @Override
  void close();
}
