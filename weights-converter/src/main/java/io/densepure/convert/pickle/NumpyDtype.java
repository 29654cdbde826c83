package io.densepure.convert.pickle;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The element type of a NumPy array, as {@code f4} or {@code U12}, and its byte order. */
final class NumpyDtype implements Buildable {
  /** Floats, integers, booleans, complex numbers, byte strings, text. */
  private static final Pattern PLAIN = Pattern.compile("([<>=|]?)([fiubcSU])(\\d{1,6})");

  /** Bytes of a number; texts are of any length. */
  private static final Map<Character, Set<Integer>> SIZES =
      Map.of(
          'f', Set.of(2, 4, 8, 16),
          'i', Set.of(1, 2, 4, 8),
          'u', Set.of(1, 2, 4, 8),
          'b', Set.of(1),
          'c', Set.of(8, 16, 32));

  private final char kind;
  private final int itemBytes;
  private boolean bigEndian;

  private NumpyDtype(char kind, int itemBytes, boolean bigEndian) {
    this.kind = kind;
    this.itemBytes = itemBytes;
    this.bigEndian = bigEndian;
  }

  static NumpyDtype of(String description) {
    Matcher m = PLAIN.matcher(description);
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "holds a NumPy array of a dtype that is not supported (objects, dates or records)");
    }
    char kind = m.group(2).charAt(0);
    int size = Integer.parseInt(m.group(3));
    if (!SIZES.getOrDefault(kind, Set.of(size)).contains(size)) {
      throw new IllegalArgumentException("holds a NumPy array of an unknown dtype");
    }
    return new NumpyDtype(kind, kind == 'U' ? 4 * size : size, m.group(1).equals(">"));
  }

  /** The state is (version, byte order, sub-array, names, fields, size, alignment, flags …). */
  @Override
  public void build(Object state) {
    if (!(state instanceof List<?> s && s.size() >= 5 && s.get(1) instanceof String order)) {
      throw new IllegalArgumentException("describes a NumPy dtype in a way that is not known");
    }
    if (s.get(2) != null || s.get(3) != null || s.get(4) != null) {
      throw new IllegalArgumentException("holds a NumPy array of records; that is not supported");
    }
    bigEndian = order.equals(">");
  }

  int itemBytes() {
    return itemBytes;
  }

  /** How many bytes in a row the byte order turns around. */
  int swapUnit() {
    return switch (kind) {
      case 'c' -> itemBytes / 2;
      case 'U' -> 4;
      case 'S' -> 1;
      default -> itemBytes;
    };
  }

  boolean bigEndian() {
    return bigEndian;
  }

  /** NumPy's name of it with the byte order that elements are given out in. */
  String littleEndianName() {
    return (itemBytes == 1 || kind == 'S' ? "|" : "<")
        + kind
        + (kind == 'U' ? itemBytes / 4 : itemBytes);
  }
}
