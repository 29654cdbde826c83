package io.densepure.compute;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A named array in host memory, in the layout PyTorch gave it: weights and constants. Immutable;
 * the bytes may be a view of a memory-mapped file, so nothing is copied to the heap until a device
 * lays the weight out.
 *
 * <p>Devices cache what they make of a host tensor by its identity: use the same object for the
 * same weight.
 */
public final class HostTensor {
  private static final int CHUNK = 1 << 20;

  private final String name;
  private final DType dtype;
  private final Shape shape;
  private final ByteBuffer data; // null if computed
  private final Supplier<float[]> computed; // null if stored
  private final Reader reader; // null if the bytes lie in memory

  /** Reads some of a tensor's bytes from where they are stored. */
  @FunctionalInterface
  public interface Reader {
    /**
     * @param offset from the tensor's first byte
     * @param into filled to its limit
     */
    void read(long offset, ByteBuffer into);
  }

  /**
   * @param data little-endian elements in C order, exactly {@code shape.elements() * dtype.bytes()}
   *     bytes between position and limit
   * @throws IllegalArgumentException if the size does not fit the shape
   */
  public HostTensor(String name, DType dtype, Shape shape, ByteBuffer data) {
    this(name, dtype, shape, data, null);
  }

  /**
   * A tensor in a file.
   *
   * @param mapped its bytes, as above
   * @param reader the same bytes, read without touching the mapping: pages of a mapping that have
   *     been touched count as this process's memory, which a large model must not need twice
   */
  public HostTensor(String name, DType dtype, Shape shape, ByteBuffer mapped, Reader reader) {
    this.name = Objects.requireNonNull(name);
    this.dtype = Objects.requireNonNull(dtype);
    this.shape = Objects.requireNonNull(shape);
    this.computed = null;
    this.reader = reader;
    this.data =
        mapped
            .slice()
            .order(ByteOrder.LITTLE_ENDIAN)
            .asReadOnlyBuffer()
            .order(ByteOrder.LITTLE_ENDIAN);
    if (this.data.remaining() != shape.elements() * dtype.bytes()) {
      throw new IllegalArgumentException(
          name + ": " + this.data.remaining() + " bytes for " + dtype + " " + shape);
    }
  }

  /** An {@code F32} tensor made from Java floats, for folded or computed weights. */
  public static HostTensor of(String name, Shape shape, float... values) {
    ByteBuffer b =
        ByteBuffer.allocate(Math.multiplyExact(values.length, 4)).order(ByteOrder.LITTLE_ENDIAN);
    b.asFloatBuffer().put(values);
    return new HostTensor(name, DType.F32, shape, b);
  }

  private HostTensor(String name, Shape shape, Supplier<float[]> computed) {
    this.name = name;
    this.dtype = DType.F32;
    this.shape = shape;
    this.data = null;
    this.reader = null;
    this.computed = computed;
  }

  /**
   * An {@code F32} tensor that is computed whenever a device lays it out, and kept nowhere: for
   * weights made of others, which would otherwise be in host memory twice.
   *
   * @param values makes all elements in C order, always the same
   */
  public static HostTensor computed(String name, Shape shape, Supplier<float[]> values) {
    return new HostTensor(name, shape, values);
  }

  /** The checkpoint key, for messages. */
  public String name() {
    return name;
  }

  public DType dtype() {
    return dtype;
  }

  public Shape shape() {
    return shape;
  }

  /** A fresh read-only little-endian view of the bytes. */
  public ByteBuffer data() {
    return computed != null
        ? of(name, shape, computed.get()).data()
        : data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * All elements as floats, in C order; widened exactly from F16 and BF16, rounded from F64,
   * converted from integers.
   */
  public float[] toFloats() {
    if (computed != null) {
      return computed.get();
    }
    float[] out = new float[Math.toIntExact(shape.elements())];
    if (reader == null) {
      decode(data(), out, 0);
      return out;
    }
    int width = dtype.bytes();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int done = 0; done < out.length; done += chunk.limit() / width) {
      chunk.clear().limit((int) Math.min(CHUNK, (long) (out.length - done) * width));
      reader.read((long) done * width, chunk);
      decode(chunk.flip(), out, done);
    }
    return out;
  }

  /** The elements that {@code b} holds become {@code out[from]} and what follows. */
  private void decode(ByteBuffer b, float[] out, int from) {
    int n = b.remaining() / dtype.bytes();
    switch (dtype) {
      case F32 -> b.asFloatBuffer().get(out, from, n);
      case F64 -> {
        for (int i = 0; i < n; i++) {
          out[from + i] = (float) b.getDouble(8 * i);
        }
      }
      case F16 -> {
        for (int i = 0; i < n; i++) {
          out[from + i] = HalfFloats.fp16ToFloat(b.getShort(2 * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          out[from + i] = HalfFloats.bf16ToFloat(b.getShort(2 * i));
        }
      }
      case I64 -> {
        for (int i = 0; i < n; i++) {
          out[from + i] = b.getLong(8 * i);
        }
      }
      case I32 -> {
        for (int i = 0; i < n; i++) {
          out[from + i] = b.getInt(4 * i);
        }
      }
      case I16 -> {
        for (int i = 0; i < n; i++) {
          out[from + i] = b.getShort(2 * i);
        }
      }
      case I8 -> {
        for (int i = 0; i < n; i++) {
          out[from + i] = b.get(i);
        }
      }
      case U8, BOOL -> {
        for (int i = 0; i < n; i++) {
          out[from + i] = b.get(i) & 0xff;
        }
      }
    }
  }

  /** All elements as doubles, in C order; exact except for integers beyond 2^53. */
  public double[] toDoubles() {
    double[] out = new double[Math.toIntExact(shape.elements())];
    if (dtype == DType.F64) {
      data().asDoubleBuffer().get(out);
    } else if (dtype.isFloat()) {
      float[] exact = toFloats();
      for (int i = 0; i < out.length; i++) {
        out[i] = exact[i];
      }
    } else {
      long[] exact = toLongs();
      for (int i = 0; i < out.length; i++) {
        out[i] = exact[i];
      }
    }
    return out;
  }

  /**
   * All elements of an integer or boolean tensor, in C order.
   *
   * @throws IllegalArgumentException if the dtype is a floating-point one
   */
  public long[] toLongs() {
    if (dtype.isFloat()) {
      throw new IllegalArgumentException(name + " holds " + dtype + ", not integers");
    }
    long[] out = new long[Math.toIntExact(shape.elements())];
    ByteBuffer b = data();
    for (int i = 0; i < out.length; i++) {
      out[i] =
          switch (dtype) {
            case I64 -> b.getLong(8 * i);
            case I32 -> b.getInt(4 * i);
            case I16 -> b.getShort(2 * i);
            case I8 -> b.get(i);
            default -> b.get(i) & 0xff;
          };
    }
    return out;
  }

  @Override
  public String toString() {
    return name + " " + dtype + " " + shape;
  }
}
