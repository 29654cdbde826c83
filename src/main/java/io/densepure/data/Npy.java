package io.densepure.data;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * NumPy's array file format, {@code .npy} versions 1.0 to 3.0 (NEP 1): little-endian floats,
 * integers and booleans, C or Fortran order; always C order once read. Files written here are the
 * bytes that {@code np.save} writes.
 *
 * <p>ND4J's own reader was tried: it refuses versions 2.0 and 3.0 and reads past the end of a
 * truncated file, so the header is parsed and checked here.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** The limit np.load has, too. */
  private static final int MAX_HEADER = 10_000;

  /** NumPy's limit before version 2, and ND4J's. */
  private static final int MAX_RANK = 32;

  /** Where the elements start is a multiple of this. */
  private static final int ALIGNMENT = 64;

  private static final Map<String, DType> DTYPES =
      Map.of(
          "<f8",
          DType.F64,
          "<f4",
          DType.F32,
          "<f2",
          DType.F16,
          "<i8",
          DType.I64,
          "<i4",
          DType.I32,
          "<i2",
          DType.I16,
          "|i1",
          DType.I8,
          "|u1",
          DType.U8,
          "|b1",
          DType.BOOL);
  private static final Map<DType, String> DESCRIPTORS =
      DTYPES.entrySet().stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));

  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9L,\\s]*)\\)");

  private Npy() {}

  /**
   * The array in a file.
   *
   * @throws InputException naming the file if it is absent, no .npy file, of a dtype without
   *     support here, or does not hold exactly the elements its header announces
   */
  public static HostTensor read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), file.getFileName().toString(), in, Files.size(file));
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file", e);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /** A one-dimensional int64 file, as predictions are saved. Errors as {@link #read}. */
  public static long[] readLongs(Path file) {
    HostTensor t = read(file);
    if (t.dtype() != DType.I64 || t.shape().rank() != 1) {
      throw InputException.of(
          "%s: holds %s %s, but a one-dimensional array of int64 is needed",
          file, t.dtype(), t.shape());
    }
    return t.toLongs();
  }

  /** The contents of a file that {@code np.save(file, np.array(values))} writes: int64, [n]. */
  public static byte[] toBytes(long[] values) {
    ByteBuffer b = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asLongBuffer().put(values);
    return toBytes(new HostTensor("values", DType.I64, Shape.of(values.length), b));
  }

  /**
   * Writes an array in C order, replacing the file.
   *
   * @throws InputException naming the file if it cannot be written
   */
  public static void write(Path file, HostTensor array) {
    try {
      Files.write(file, toBytes(array));
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }

  /**
   * The contents of an .npy file of that array.
   *
   * @throws IllegalArgumentException if NumPy has no such dtype (bfloat16)
   */
  public static byte[] toBytes(HostTensor array) {
    String descriptor = DESCRIPTORS.get(array.dtype());
    if (descriptor == null) {
      throw new IllegalArgumentException("NumPy has no " + array.dtype() + " (" + array + ")");
    }
    String dict =
        String.format(
            "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
            descriptor, tuple(array.shape().toArray()));
    int prefix = MAGIC.length + 4;
    int end = (prefix + dict.length() + 1 + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    String header = dict + " ".repeat(end - prefix - dict.length() - 1) + "\n";
    ByteBuffer data = array.data();
    return ByteBuffer.allocate(Math.addExact(end, data.remaining()))
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) header.length())
        .put(header.getBytes(StandardCharsets.ISO_8859_1))
        .put(data)
        .array();
  }

  /** A copy as an ND4J array of the same dtype and shape. */
  public static INDArray toIndArray(HostTensor array) {
    DataType type =
        switch (array.dtype()) {
          case F64 -> DataType.DOUBLE;
          case F32 -> DataType.FLOAT;
          case F16 -> DataType.HALF;
          case BF16 -> DataType.BFLOAT16;
          case I64 -> DataType.LONG;
          case I32 -> DataType.INT;
          case I16 -> DataType.SHORT;
          case I8 -> DataType.BYTE;
          case U8 -> DataType.UBYTE;
          case BOOL -> DataType.BOOL;
        };
    long[] shape = Arrays.stream(array.shape().toArray()).asLongStream().toArray();
    if (array.shape().elements() == 0) {
      return Nd4j.create(type, shape);
    }
    INDArray wide =
        array.dtype().isFloat()
            ? Nd4j.createFromArray(array.toDoubles())
            : Nd4j.createFromArray(array.toLongs());
    return wide.castTo(type).reshape(shape);
  }

  /**
   * Reads one array from a stream that holds {@code size} bytes; never more memory than the stream
   * really delivers.
   */
  static HostTensor read(String source, String name, InputStream in, long size) throws IOException {
    Header header = readHeader(source, in);
    long expected = header.offset + header.bytes(source);
    if (expected != size) {
      throw InputException.of(
          "%s: is %d bytes long, but its header announces %s of shape %s, which takes %d; the file is damaged",
          source, size, header.dtype, Shape.of(header.shape), expected);
    }
    int bytes = Math.toIntExact(expected - header.offset);
    byte[] data = in.readNBytes(bytes);
    if (data.length != bytes) {
      throw InputException.of("%s: ends early; the file is damaged", source);
    }
    byte[] cOrder = header.fortran ? fortranToC(data, header.shape, header.dtype.bytes()) : data;
    return new HostTensor(name, header.dtype, Shape.of(header.shape), ByteBuffer.wrap(cOrder));
  }

  private record Header(DType dtype, int[] shape, boolean fortran, int offset) {
    long bytes(String source) {
      long n = dtype.bytes();
      try {
        for (int d : shape) {
          n = Math.multiplyExact(n, (long) d);
        }
        return Math.toIntExact(n);
      } catch (ArithmeticException e) {
        throw InputException.of(
            "%s: announces %s of shape %s, more than the 2 GiB supported for one array",
            source, dtype, Shape.of(shape));
      }
    }
  }

  private static Header readHeader(String source, InputStream in) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length + 2);
    if (start.length < MAGIC.length + 2
        || !Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw InputException.of("%s: is not a NumPy .npy file", source);
    }
    int major = start[MAGIC.length];
    if (major < 1 || major > 3) {
      throw InputException.of(
          "%s: is of .npy version %d; versions 1 to 3 are supported", source, major);
    }
    int lengthBytes = major == 1 ? 2 : 4;
    byte[] field = in.readNBytes(lengthBytes);
    long length = 0;
    for (int i = 0; i < field.length; i++) {
      length |= (field[i] & 0xffL) << (8 * i);
    }
    byte[] text = length > MAX_HEADER ? new byte[0] : in.readNBytes((int) length);
    if (field.length < lengthBytes || text.length != length) {
      throw InputException.of("%s: has a damaged .npy header", source);
    }
    int offset = start.length + lengthBytes + text.length;
    return parseHeader(source, new String(text, StandardCharsets.UTF_8), offset);
  }

  private static Header parseHeader(String source, String text, int offset) {
    Matcher descr = DESCR.matcher(text);
    Matcher fortran = FORTRAN.matcher(text);
    Matcher shape = SHAPE.matcher(text);
    if (!fortran.find() || !shape.find()) {
      throw InputException.of(
          "%s: has a damaged .npy header: %s", source, InputException.quote(text.strip()));
    }
    DType dtype = descr.find() ? DTYPES.get(descr.group(1)) : null;
    if (dtype == null) {
      throw InputException.of(
          "%s: has an unsupported dtype in its header %s; supported are little-endian float16, float32, float64, int8,"
              + " int16, int32, int64, uint8 and bool",
          source, InputException.quote(text.strip()));
    }
    try {
      int[] dims =
          Arrays.stream(shape.group(1).split(","))
              .map(d -> d.strip().replace("L", "")) // Python 2 wrote (100L,)
              .filter(d -> !d.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      if (dims.length > MAX_RANK) {
        throw InputException.of(
            "%s: has %d dimensions; at most %d are supported", source, dims.length, MAX_RANK);
      }
      return new Header(dtype, dims, fortran.group(1).equals("True"), offset);
    } catch (NumberFormatException e) {
      throw InputException.of(
          "%s: has a damaged shape in its header %s", source, InputException.quote(text.strip()));
    }
  }

  private static byte[] fortranToC(byte[] data, int[] shape, int elementBytes) {
    byte[] out = new byte[data.length];
    int[] index = new int[shape.length];
    for (int to = 0; to < out.length; to += elementBytes) {
      int from = 0;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        from = from * shape[axis] + index[axis];
      }
      System.arraycopy(data, from * elementBytes, out, to, elementBytes);
      for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
        index[axis] = 0;
      }
    }
    return out;
  }

  /** As Python prints a tuple: {@code ()}, {@code (3,)}, {@code (3, 4)}. */
  private static String tuple(int[] dims) {
    return IntStream.of(dims)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "(", dims.length == 1 ? ",)" : ")"));
  }
}
