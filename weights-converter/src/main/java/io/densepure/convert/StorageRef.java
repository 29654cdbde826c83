package io.densepure.convert;

import io.densepure.compute.DType;

/**
 * A run of elements in a checkpoint, which tensors are views of; or a part of it, as PyTorch wrote
 * before 0.4.
 *
 * @param key names the run inside the checkpoint
 * @param runElements length of the whole run
 * @param first where this part starts, in elements
 * @param elements length of this part
 */
record StorageRef(String key, DType dtype, long runElements, long first, long elements) {
  /**
   * @throws IllegalArgumentException if it cannot be, whatever the file holds
   */
  StorageRef {
    if (runElements < 0
        || runElements > Long.MAX_VALUE / dtype.bytes()
        || first < 0
        || elements < 0
        || elements > runElements - first) {
      throw new IllegalArgumentException(
          "refers to a storage of an impossible size, " + runElements + " elements");
    }
  }

  /** Length of the whole run in bytes. */
  long runBytes() {
    return runElements * dtype.bytes();
  }
}
