package io.densepure.convert.pickle;

import io.densepure.InputException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of one or several pickles in a row. Every read is checked against what is left before
 * anything is allocated, so a length field cannot make it allocate more than the file holds.
 */
public final class PickleInput {
  /** The longest line of the text opcodes: a global's name, a decimal number. */
  static final int MAX_LINE = 4096;

  /** The longest integer in bytes; PyTorch's own magic number has ten. */
  private static final int MAX_INTEGER = 256;

  private final String source;
  private final ByteBuffer bytes;

  /**
   * @param source named in messages
   * @param bytes from position to limit; the caller's buffer is not moved
   */
  public PickleInput(String source, ByteBuffer bytes) {
    this.source = source;
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Where the next byte comes from, counted from the start. */
  public int position() {
    return bytes.position();
  }

  int length() {
    return bytes.limit();
  }

  String source() {
    return source;
  }

  /** An error at the current position. */
  InputException error(String format, Object... args) {
    return InputException.of(
        "%s: pickle at byte %d: %s", source, bytes.position(), String.format(format, args));
  }

  private void need(long count) {
    if (count < 0 || count > bytes.remaining()) {
      throw error(
          "needs %s bytes more, but %d are left; the file is truncated or damaged",
          Long.toUnsignedString(count), bytes.remaining());
    }
  }

  int u1() {
    need(1);
    return bytes.get() & 0xff;
  }

  int u2() {
    need(2);
    return bytes.getShort() & 0xffff;
  }

  int i4() {
    need(4);
    return bytes.getInt();
  }

  long u4() {
    return i4() & 0xffffffffL;
  }

  long i8() {
    need(8);
    return bytes.getLong();
  }

  /** BINFLOAT is the one big-endian field of a pickle. */
  double bigEndianDouble() {
    return Double.longBitsToDouble(Long.reverseBytes(i8()));
  }

  byte[] bytes(long count) {
    need(count);
    byte[] out = new byte[(int) count];
    bytes.get(out);
    return out;
  }

  String utf8(long count) {
    need(count);
    ByteBuffer text = bytes.slice(bytes.position(), (int) count);
    try {
      String decoded = StandardCharsets.UTF_8.newDecoder().decode(text).toString();
      bytes.position(bytes.position() + (int) count);
      return decoded;
    } catch (CharacterCodingException e) {
      throw error("a string is not valid UTF-8");
    }
  }

  /** Python 2 strings hold bytes or text; as Latin-1 nothing is lost. */
  String latin1(long count) {
    return new String(bytes(count), StandardCharsets.ISO_8859_1);
  }

  /** A {@code Long}, or a {@code BigInteger} if it does not fit. */
  Object integer(long count) {
    if (count < 0 || count > MAX_INTEGER) {
      throw error("an integer of %d bytes; at most %d are supported", count, MAX_INTEGER);
    }
    byte[] littleEndian = bytes(count);
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < littleEndian.length; i++) {
      bigEndian[i] = littleEndian[littleEndian.length - 1 - i];
    }
    return narrow(count == 0 ? BigInteger.ZERO : new BigInteger(bigEndian));
  }

  private static Object narrow(BigInteger value) {
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  /** Up to the next newline, which is eaten; as Latin-1, which protocol 0 writes. */
  String line() {
    int start = bytes.position();
    int limit = Math.min(bytes.limit(), start + MAX_LINE);
    for (int i = start; i < limit; i++) {
      if (bytes.get(i) == '\n') {
        String text = latin1(i - start);
        bytes.get();
        return text;
      }
    }
    throw error("a line does not end within %d bytes", MAX_LINE);
  }

  /** A decimal line, as the text opcodes write integers; a final L is Python 2's. */
  Object decimal() {
    String text = line();
    String digits = text.endsWith("L") ? text.substring(0, text.length() - 1) : text;
    if (!digits.matches("-?\\d{1,600}")) {
      throw error("%s is no integer", InputException.quote(text));
    }
    return narrow(new BigInteger(digits));
  }

  /** INT writes booleans as 00 and 01. */
  Object decimalOrBoolean() {
    int start = bytes.position();
    String text = line();
    if (text.equals("00") || text.equals("01")) {
      return text.equals("01");
    }
    bytes.position(start);
    return decimal();
  }

  /** The index in a text opcode that stores or fetches. */
  int memoIndex() {
    if (decimal() instanceof Long index && index >= 0 && index <= Integer.MAX_VALUE) {
      return index.intValue();
    }
    throw error("an index is out of range");
  }

  /** A string in quotes, as protocol 0 writes Python 2's. */
  String quotedLine() {
    return wellFormed(TextEscapes.unquote(line()));
  }

  /** A string with unicode escapes, as protocol 0 writes it. */
  String escapedLine() {
    return wellFormed(TextEscapes.unescapeUnicode(line()));
  }

  private String wellFormed(String text) {
    if (text == null) {
      throw error("a string is not well formed");
    }
    return text;
  }

  /** A frame is only a hint how much to read at once, but it must fit. */
  void checkFrame(long length) {
    need(length);
  }

  double decimalDouble() {
    String text = line();
    try {
      return switch (text) {
        case "inf" -> Double.POSITIVE_INFINITY;
        case "-inf" -> Double.NEGATIVE_INFINITY;
        case "nan" -> Double.NaN;
        default -> Double.parseDouble(text);
      };
    } catch (NumberFormatException e) {
      throw error("%s is no number", InputException.quote(text));
    }
  }
}
