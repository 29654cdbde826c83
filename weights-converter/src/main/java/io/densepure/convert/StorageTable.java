package io.densepure.convert;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The storages that a pickle refers to, as they turn up. */
final class StorageTable {
  private final Map<String, StorageRef> byKey = new LinkedHashMap<>();

  /**
   * What a persistent id stands for, see {@link TorchGlobals#persistent}.
   *
   * @throws IllegalArgumentException if it is not understood or contradicts an earlier one
   */
  Object resolve(Object persistentId) {
    Object resolved = TorchGlobals.persistent(persistentId);
    if (resolved instanceof StorageRef storage) {
      StorageRef known = byKey.putIfAbsent(storage.key(), storage);
      if (known != null && known.runBytes() != storage.runBytes()) {
        throw new IllegalArgumentException("refers to one storage by two different sizes");
      }
    }
    return resolved;
  }

  /** One reference to each storage. */
  Collection<StorageRef> storages() {
    return Collections.unmodifiableCollection(byKey.values());
  }

  /** The reference to a storage, or null. */
  StorageRef get(String key) {
    return byKey.get(key);
  }
}
