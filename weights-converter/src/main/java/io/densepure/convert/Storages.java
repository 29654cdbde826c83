package io.densepure.convert;

import java.nio.ByteBuffer;

/** Where the elements of a checkpoint's storages are. */
interface Storages {
  /**
   * Makes sure the whole run is there, without reading it.
   *
   * @throws io.densepure.InputException naming the file if it is not
   */
  void check(StorageRef storage);

  /**
   * The bytes of the whole run, a little-endian view of the file.
   *
   * @throws io.densepure.InputException naming the file if they are damaged
   */
  ByteBuffer bytes(StorageRef storage);
}
