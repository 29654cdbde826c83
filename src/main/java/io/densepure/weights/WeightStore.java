package io.densepure.weights;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.util.Map;
import java.util.Set;

/**
 * Named weights of one network, however they are stored: a memory-mapped safetensors file, or
 * arrays in memory.
 */
public interface WeightStore {
  /** Where the weights come from, for messages: a file name. */
  String source();

  /** All keys, in the order of the checkpoint. */
  Set<String> keys();

  /**
   * The tensor of that key; always the same object for the same key.
   *
   * @throws io.densepure.InputException if there is none
   */
  HostTensor get(String key);

  /**
   * As {@link #get(String)}, for a network that will refuse any other shape than {@code expected};
   * a store that makes weights up can go by it.
   */
  default HostTensor get(String key, Shape expected) {
    return get(key);
  }

  /**
   * What the file says about itself: {@code arch}, {@code config} (JSON), {@code source_sha256} …;
   * may be empty.
   */
  Map<String, String> metadata();
}
