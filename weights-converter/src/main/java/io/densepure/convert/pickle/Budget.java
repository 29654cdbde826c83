package io.densepure.convert.pickle;

/**
 * Bounds the time and memory that one pickle may take. Opcodes are counted because a byte of pickle
 * can make an object of fifty bytes; copies because a few bytes of pickle can ask again and again
 * for a copy of something large.
 */
final class Budget {
  private static final int MAX_OPERATIONS = 10_000_000;
  private static final int FREE_COPIES = 1 << 16;

  private int operations = MAX_OPERATIONS;
  private long copies;

  /**
   * @param length of the pickle in bytes: all that it holds may be copied twice
   */
  Budget(long length) {
    copies = FREE_COPIES + 2 * length;
  }

  /** Opcodes executed, elements of collections copied. */
  void operations(int count) {
    operations -= count;
    if (operations < 0) {
      throw new IllegalArgumentException(
          "takes more than " + MAX_OPERATIONS + " operations; no checkpoint needs that many");
    }
  }

  void copyBytes(int count) {
    copies -= count;
    if (copies < 0) {
      throw new IllegalArgumentException("asks for more copies than the file has bytes");
    }
  }
}
