package io.densepure.convert.pickle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A NumPy array in a pickle. */
public final class PickledArray implements Buildable {
  private NumpyDtype dtype = NumpyDtype.of("u1");
  private int[] shape = {0};
  private boolean fortran;

  /** A {@code byte[]}, or a string of such characters if Python 2 wrote it. */
  private Object data = new byte[0];

  PickledArray() {}

  PickledArray(NumpyDtype dtype, List<?> shape, boolean fortran, Object data) {
    set(dtype, shape, fortran, data);
  }

  /** As {@code <f4}, {@code |u1}; the byte order is the one of {@link #bytes}. */
  public String dtype() {
    return dtype.littleEndianName();
  }

  public int[] shape() {
    return shape.clone();
  }

  /** The elements in C order, little endian; a copy unless they lie so in the file. */
  public byte[] bytes() {
    byte[] stored =
        data instanceof String text ? text.getBytes(StandardCharsets.ISO_8859_1) : (byte[]) data;
    byte[] ordered = fortran && shape.length > 1 ? cOrder(stored) : stored;
    return dtype.bigEndian() ? swapped(ordered, dtype.swapUnit()) : ordered;
  }

  private byte[] cOrder(byte[] stored) {
    int item = dtype.itemBytes();
    byte[] out = new byte[stored.length];
    int[] index = new int[shape.length];
    for (int to = 0; to < out.length; to += item) {
      int from = 0;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        from = from * shape[axis] + index[axis];
      }
      System.arraycopy(stored, from * item, out, to, item);
      for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
        index[axis] = 0;
      }
    }
    return out;
  }

  /** Each {@code unit} bytes in reverse. */
  private static byte[] swapped(byte[] bytes, int unit) {
    byte[] out = new byte[bytes.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = bytes[i - i % unit + unit - 1 - i % unit];
    }
    return out;
  }

  /** The state is (version, shape, dtype, Fortran order, bytes); old files have no version. */
  @Override
  public void build(Object state) {
    if (state instanceof List<?> s && (s.size() == 4 || s.size() == 5)) {
      int at = s.size() - 4;
      if (s.get(at) instanceof List<?> dims && s.get(at + 1) instanceof NumpyDtype type) {
        Object order = s.get(at + 2);
        set(type, dims, Boolean.TRUE.equals(order) || Long.valueOf(1).equals(order), s.get(at + 3));
        return;
      }
    }
    throw new IllegalArgumentException("describes a NumPy array in a way that is not known");
  }

  private void set(NumpyDtype newDtype, List<?> dims, boolean isFortran, Object bytes) {
    int length =
        bytes instanceof byte[] b ? b.length : bytes instanceof String text ? text.length() : -1;
    if (dims.size() > Arguments.MAX_RANK || size(newDtype, dims) != length) {
      throw new IllegalArgumentException(
          "holds a NumPy array whose contents do not fit its shape and dtype");
    }
    dtype = newDtype;
    shape = dims.stream().mapToInt(d -> ((Long) d).intValue()).toArray();
    fortran = isFortran;
    data = bytes;
  }

  /** In bytes, or more than any array has if the shape is impossible. */
  private static long size(NumpyDtype dtype, List<?> dims) {
    long size = dtype.itemBytes();
    for (Object dim : dims) {
      if (!(dim instanceof Long d && d >= 0 && d <= Integer.MAX_VALUE)
          || size > Integer.MAX_VALUE) {
        return Long.MAX_VALUE;
      }
      size *= d;
    }
    return size;
  }

  /** The value of an array of one number; the array itself if its element is no number. */
  Object scalar() {
    if (dtype.itemBytes() > Long.BYTES) {
      return this; // bytes() may copy, and a pickle may ask for the same scalar again and again
    }
    ByteBuffer b = ByteBuffer.wrap(bytes()).order(ByteOrder.LITTLE_ENDIAN);
    return switch (dtype()) {
      case "<f8" -> b.getDouble();
      case "<f4" -> (double) b.getFloat();
      case "<i8" -> b.getLong();
      case "<i4" -> (long) b.getInt();
      case "<i2" -> (long) b.getShort();
      case "|i1" -> (long) b.get();
      case "|u1" -> b.get() & 0xffL;
      case "<u2" -> b.getShort() & 0xffffL;
      case "<u4" -> b.getInt() & 0xffffffffL;
      case "|b1" -> b.get() != 0;
      default -> this;
    };
  }
}
