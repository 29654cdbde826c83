package io.densepure.convert;

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
   * Leave DataParallel's out: a leading {@code module.} goes, as timm 0.5.4 (models/helpers.py,
   * load_state_dict) does it, and {@code 1.module.} becomes {@code 1.}
   */
  STRIP;

  private static final Pattern DATA_PARALLEL = Pattern.compile("^(\\d+\\.)?module\\.");

  String apply(String key) {
    return this == KEEP ? key : DATA_PARALLEL.matcher(key).replaceFirst("$1");
  }
}
