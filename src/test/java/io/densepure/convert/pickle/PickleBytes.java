package io.densepure.convert.pickle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles opcode by opcode, good ones and others, for tests. */
public final class PickleBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Opcodes and small operands as they are: {@code raw('(', 'K', 3, 't')}. */
  public PickleBytes raw(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  /** One opcode, many times. */
  public PickleBytes repeat(int times, int... bytes) {
    for (int i = 0; i < times; i++) {
      raw(bytes);
    }
    return this;
  }

  public PickleBytes ascii(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  public PickleBytes proto(int protocol) {
    return raw(0x80, protocol);
  }

  public PickleBytes global(String module, String name) {
    return raw('c').ascii(module + "\n" + name + "\n");
  }

  public PickleBytes string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    raw('X').int4(utf8.length);
    out.writeBytes(utf8);
    return this;
  }

  public PickleBytes integer(int value) {
    return raw('J').int4(value);
  }

  /** Any number of eight bytes. */
  public PickleBytes integer(long value) {
    return raw(0x8a, 8).int8(value);
  }

  public PickleBytes int4(int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  public PickleBytes int8(long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    return this;
  }

  /** With STOP at the end. */
  public byte[] stop() {
    return raw('.').bytes();
  }

  public byte[] bytes() {
    return out.toByteArray();
  }
}
