package io.densepure.weights;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Weights in memory, in the order they were given. */
public final class MapWeightStore implements WeightStore {
  private final String source;
  private final Map<String, HostTensor> tensors;
  private final Map<String, String> metadata;

  /**
   * @param source named in messages
   * @param tensors in checkpoint order, by key
   */
  public MapWeightStore(
      String source, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    this.source = source;
    this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /** A store without metadata whose keys are the tensors' names. */
  public static MapWeightStore of(String source, Collection<HostTensor> tensors) {
    Map<String, HostTensor> byName = new LinkedHashMap<>();
    tensors.forEach(t -> byName.put(t.name(), t));
    return new MapWeightStore(source, byName, Map.of());
  }

  @Override
  public String source() {
    return source;
  }

  @Override
  public Set<String> keys() {
    return tensors.keySet();
  }

  @Override
  public HostTensor get(String key) {
    HostTensor tensor = tensors.get(key);
    if (tensor == null) {
      throw InputException.of("%s: no tensor %s", source, InputException.quote(key));
    }
    return tensor;
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }
}
