package io.densepure.benchmarks;

/** One network, loaded, with its input in place. */
public interface ForwardPass extends AutoCloseable {
  /** Computes the output once and waits for it. */
  void run();

  /** Computes the output once: images {@code [N, C, H, W]} or logits {@code [N, classes]}. */
  float[] output();

  @Override
  void close();
}
