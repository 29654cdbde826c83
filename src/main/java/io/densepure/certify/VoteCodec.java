package io.densepure.certify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * A stretch of a vote board as text: labels as bytes (little-endian shorts if there are more than
 * 127 classes), {@link VoteBoard#UNKNOWN} and {@link VoteBoard#NOT_FINITE} included, deflated
 * (votes mostly agree), in Base64.
 */
final class VoteCodec {
  private static final int BUFFER = 1 << 16;

  private VoteCodec() {}

  /** The labels at positions [from, to) of the board. */
  static String encode(VoteBoard board, int from, int to) {
    int width = width(board);
    ByteBuffer raw = ByteBuffer.allocate((to - from) * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int position = from; position < to; position++) {
      if (width == 1) {
        raw.put((byte) board.label(position));
      } else {
        raw.putShort((short) board.label(position));
      }
    }
    return Base64.getEncoder().encodeToString(deflate(raw.array()));
  }

  /**
   * Enters the labels of {@code text} at positions [from, to) of the board; unknown ones leave what
   * is there.
   *
   * @throws IllegalArgumentException if the text does not hold just these labels
   */
  static void decode(String text, VoteBoard board, int from, int to) {
    if (from < 0 || to < from || to > board.plan().lanes()) {
      throw new IllegalArgumentException("lanes " + from + " to " + to + " do not exist");
    }
    int width = width(board);
    byte[] raw = inflate(Base64.getDecoder().decode(text), (to - from) * width);
    ByteBuffer buffer = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    for (int position = from; position < to; position++) {
      int label = width == 1 ? buffer.get() : buffer.getShort();
      if (label != VoteBoard.UNKNOWN) {
        board.set(position, label);
      }
    }
  }

  private static int width(VoteBoard board) {
    return board.classes() <= Byte.MAX_VALUE ? Byte.BYTES : Short.BYTES;
  }

  private static byte[] deflate(byte[] raw) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(raw);
      deflater.finish();
      ByteBuffer out = ByteBuffer.allocate(raw.length / 4 + BUFFER);
      while (!deflater.finished()) {
        if (!out.hasRemaining()) {
          out = ByteBuffer.allocate(out.capacity() * 2).put(out.flip());
        }
        deflater.deflate(out);
      }
      byte[] packed = new byte[out.flip().remaining()];
      out.get(packed);
      return packed;
    } finally {
      deflater.end();
    }
  }

  /** Exactly {@code size} bytes, so that a hostile text cannot unfold into more. */
  private static byte[] inflate(byte[] packed, int size) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed);
      byte[] raw = new byte[size];
      int filled = 0;
      int read;
      while (filled < size && (read = inflater.inflate(raw, filled, size - filled)) > 0) {
        filled += read;
      }
      boolean ended = inflater.finished() || inflater.inflate(new byte[1]) == 0;
      if (filled < size || !ended || !inflater.finished()) {
        throw new IllegalArgumentException("the votes are not " + size + " bytes long");
      }
      return raw;
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("the votes cannot be unpacked: " + e.getMessage(), e);
    } finally {
      inflater.end();
    }
  }
}
