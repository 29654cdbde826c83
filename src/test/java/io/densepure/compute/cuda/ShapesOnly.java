package io.densepure.compute.cuda;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.weights.WeightStore;
import java.nio.ByteBuffer;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** Weights of any network: zeros of whatever shape is asked for, all in the same memory. */
final class ShapesOnly implements WeightStore {
  /** As large as the largest weight. */
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(128 << 20);

  private final Map<String, HostTensor> tensors = new HashMap<>();

  @Override
  public String source() {
    return "shapes";
  }

  /** Has every key, but for what is only checked if it is there; shows none of them. */
  @Override
  public Set<String> keys() {
    return new AbstractSet<>() {
      @Override
      public boolean contains(Object key) {
        return !key.toString().endsWith("relative_position_index");
      }

      @Override
      public Iterator<String> iterator() {
        return Collections.emptyIterator();
      }

      @Override
      public int size() {
        return 0;
      }
    };
  }

  @Override
  public HostTensor get(String key, Shape expected) {
    return tensors.computeIfAbsent(
        key,
        k ->
            new HostTensor(
                k,
                DType.F32,
                expected,
                zeros.slice(0, Math.toIntExact(DType.F32.bytes() * expected.elements()))));
  }

  @Override
  public HostTensor get(String key) {
    throw new IllegalStateException("the shape of " + key + " is not known");
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  /** Numbers in all weights together. */
  long parameters() {
    return tensors.values().stream().mapToLong(t -> t.shape().elements()).sum();
  }
}
