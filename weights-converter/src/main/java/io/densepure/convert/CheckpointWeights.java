package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.weights.MappedFile;
import io.densepure.weights.WeightStore;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tensors of a checkpoint as a weight store. A tensor whose elements lie in order is a view of the
 * mapped file; others are put in order on the heap.
 */
public final class CheckpointWeights implements WeightStore {
  /** Views may show an element more than once; so much more than the file holds is allowed. */
  private static final int MAX_EXPANSION = 8;

  private static final long FREE_EXPANSION = 1L << 24;

  private final MappedFile file;
  private final Storages storages;
  private final Map<String, TensorRef> tensors;
  private final Map<String, HostTensor> loaded = new ConcurrentHashMap<>();

  CheckpointWeights(MappedFile file, Storages storages, Map<String, TensorRef> tensors) {
    this.file = file;
    this.storages = storages;
    this.tensors = tensors;
    long total = 0;
    for (TensorRef t : tensors.values()) {
      total += t.bytes(); // a million tensors of at most 2 GiB
    }
    if (total - FREE_EXPANSION > MAX_EXPANSION * file.size()) {
      throw InputException.of(
          "%s: its tensors would take %d bytes, far more than the %d of the file; refused",
          file.path(), total, file.size());
    }
  }

  @Override
  public String source() {
    return file.path().toString();
  }

  @Override
  public Set<String> keys() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  @Override
  public HostTensor get(String key) {
    if (!tensors.containsKey(key)) {
      throw InputException.of("%s: no tensor %s", file.path(), InputException.quote(key));
    }
    return loaded.computeIfAbsent(key, this::load);
  }

  /** As {@link #get}, but not kept: for going once through a checkpoint larger than the memory. */
  HostTensor load(String key) {
    TensorRef t = tensors.get(key);
    return new HostTensor(key, t.dtype(), t.shape(), elements(t));
  }

  private ByteBuffer elements(TensorRef t) {
    if (t.bytes() == 0) {
      return ByteBuffer.allocate(0);
    }
    ByteBuffer run = storages.bytes(t.storage());
    return t.isContiguous()
        ? run.slice((int) (t.offset() * t.dtype().bytes()), (int) t.bytes())
        : StridedCopy.inOrder(t, run);
  }

  /** What is known of a tensor without reading it. */
  TensorRef ref(String key) {
    return tensors.get(key);
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }
}
