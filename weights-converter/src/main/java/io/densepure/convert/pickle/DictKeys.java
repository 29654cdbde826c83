package io.densepure.convert.pickle;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Dictionary keys as strings, so that every map is a {@code Map<String, Object>}: bytes are taken
 * as Latin-1, numbers as their decimals. Strings cannot be chosen so that looking them up gets
 * slow, unlike nested tuples.
 */
final class DictKeys {
  /** Longer ones are no names, and copying them again and again would take its time. */
  private static final int MAX_BYTES = 4096;

  private DictKeys() {}

  static String of(Object key) {
    if (key instanceof String s) {
      return s;
    }
    if (key instanceof byte[] bytes && bytes.length <= MAX_BYTES) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
    if (key == null) {
      return "None";
    }
    if (key instanceof Boolean b) {
      return b ? "True" : "False";
    }
    if (key instanceof Long || key instanceof Double || key instanceof BigInteger) {
      return key.toString();
    }
    if (key instanceof GlobalRef ref) {
      return ref.qualified();
    }
    throw new IllegalArgumentException(
        "has a dictionary key that is neither a name nor a number; that is not supported");
  }
}
