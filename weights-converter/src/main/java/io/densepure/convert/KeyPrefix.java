package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.weights.WeightStore;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What to do with the prefixes that wrappers of a network add to its keys. {@code DataParallel}
 * adds {@code module.}; in {@code Sequential(normalize, DataParallel(net))} that makes {@code
 * 1.module.}.
 */
public enum KeyPrefix {
  /** Leave keys as they are in the checkpoint. */
  KEEP,

  /**
   * Leave DataParallel's out, so that keys are those of the network itself: a leading {@code
   * module.} goes, as timm 0.5.4 (models/helpers.py, load_state_dict) does it, and {@code
   * 1.module.} becomes {@code 1.}
   */
  STRIP;

  private static final Pattern DATA_PARALLEL = Pattern.compile("^(\\d+\\.)?module\\.");

  /**
   * The same tensors under the keys that this rule gives them.
   *
   * @throws InputException naming the file if two would have the same key
   */
  public WeightStore rename(WeightStore store) {
    return this == KEEP ? store : new Renamed(store, renames(store.source(), store.keys()));
  }

  /** Old keys by their new ones, in order. */
  Map<String, String> renames(String source, Collection<String> keys) {
    Map<String, String> renames = new LinkedHashMap<>();
    for (String key : keys) {
      String renamed = this == KEEP ? key : DATA_PARALLEL.matcher(key).replaceFirst("$1");
      if (renames.put(renamed, key) != null) {
        throw InputException.of(
            "%s: without prefixes, two tensors would have the key %s; keep them",
            source, InputException.quote(renamed));
      }
    }
    return renames;
  }

  private record Renamed(WeightStore store, Map<String, String> oldKeys) implements WeightStore {
    @Override
    public String source() {
      return store.source();
    }

    @Override
    public Set<String> keys() {
      return Collections.unmodifiableSet(oldKeys.keySet());
    }

    @Override
    public HostTensor get(String key) {
      if (!oldKeys.containsKey(key)) {
        throw InputException.of("%s: no tensor %s", source(), InputException.quote(key));
      }
      return store.get(oldKeys.get(key));
    }

    @Override
    public Map<String, String> metadata() {
      return store.metadata();
    }
  }
}
