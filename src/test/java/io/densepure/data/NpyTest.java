package io.densepure.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class NpyTest {
  private static final Path GOLDEN = Path.of("src/test/reference/stats");

  @TempDir Path dir;

  /** Every vote file that NumPy itself wrote comes out byte for byte the same. */
  @Test
  void rewritesNumpysVoteFilesByteForByte() throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(GOLDEN)) {
      files = walk.filter(f -> f.toString().endsWith(".npy")).toList();
    }
    assertTrue(files.size() > 50, files.size() + " golden vote files");
    for (Path f : files) {
      assertArrayEquals(Files.readAllBytes(f), Npy.toBytes(Npy.readLongs(f)), f.toString());
    }
  }

  /** Header lengths as np.save makes them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "F32; 100 3 32 32; {'descr': '<f4', 'fortran_order': False, 'shape': (100, 3, 32, 32), }",
        "F64; ; {'descr': '<f8', 'fortran_order': False, 'shape': (), }",
        "U8; 3 4; {'descr': '|u1', 'fortran_order': False, 'shape': (3, 4), }",
        "BOOL; 2; {'descr': '|b1', 'fortran_order': False, 'shape': (2,), }",
      },
      quoteCharacter = '"')
  void writesNumpysHeader(DType dtype, String dims, String header) {
    int[] shape =
        dims == null
            ? new int[0]
            : Stream.of(dims.split(" ")).mapToInt(Integer::parseInt).toArray();
    HostTensor t = zeros(dtype, shape);
    byte[] file = Npy.toBytes(t);
    assertEquals(128 + t.data().remaining(), file.length);
    String start = new String(file, 10, 118, StandardCharsets.ISO_8859_1);
    assertEquals(header, start.strip());
    assertEquals('\n', start.charAt(117));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BF16")
  void readsBackWhatItWrites(DType dtype) throws IOException {
    HostTensor t = zeros(dtype, 2, 3);
    byte[] raw = new byte[6 * dtype.bytes()];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) (dtype == DType.BOOL ? i % 2 : 5 * i + 1);
    }
    t = new HostTensor("t", dtype, t.shape(), ByteBuffer.wrap(raw));
    Path f = dir.resolve("t.npy");
    Npy.write(f, t);
    HostTensor back = Npy.read(f);
    assertEquals(dtype, back.dtype());
    assertEquals(Shape.of(2, 3), back.shape());
    assertEquals(t.data(), back.data());
  }

  @Test
  void readsFortranOrder() throws IOException {
    float[] columns = {0, 3, 1, 4, 2, 5};
    ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(columns);
    Path f = file(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", data.array());
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, Npy.read(f).toFloats());
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3"})
  void readsEveryVersionAndPython2Shapes(int version) throws IOException {
    byte[] data = {1, 0, -1, -1};
    Path f =
        file(version, "{'shape': (2L,), 'fortran_order': False, 'descr': '<i2'}        \n", data);
    assertArrayEquals(new long[] {1, -1}, Npy.read(f).toLongs());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }; takes",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }; takes",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (3000000000,), }; damaged shape",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (2000000000, 2000000000, 2000000000), }; 2 GiB",
        "{'descr': '<i8', 'fortran_order': False, 'shape': (2000000000,), }; 2 GiB",
        "{'descr': '>i8', 'fortran_order': False, 'shape': (2,), }; unsupported dtype",
        "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }; unsupported dtype",
        "{'descr': [('a', '<i8')], 'fortran_order': False, 'shape': (2,), }; unsupported dtype",
        "{'descr': '<i8', 'shape': (2,), }; damaged .npy header",
      },
      quoteCharacter = '"')
  void refusesBadHeadersInOneLine(String header, String says) throws IOException {
    Path f = file(1, header, new byte[16]);
    assertRefused(f, says);
  }

  @Test
  void refusesMoreDimensionsThanArraysHave() throws IOException {
    String header = "{'descr': '<i8', 'fortran_order': False, 'shape': (%s), }";
    assertEquals(
        32, Npy.read(file(1, header.formatted("1, ".repeat(32)), new byte[8])).shape().rank());
    assertRefused(file(1, header.formatted("1, ".repeat(33)), new byte[8]), "33 dimensions");
  }

  @Test
  void quotesOnlyTheBeginningOfALongHeader() throws IOException {
    Path f =
        file(
            1,
            "{'descr': '|O', 'fortran_order': False, 'shape': (), }" + " x".repeat(800),
            new byte[8]);
    InputException e = assertThrows(InputException.class, () -> Npy.read(f));
    assertTrue(e.getMessage().contains("'{'descr': '|O'"), e.getMessage());
    assertTrue(e.getMessage().length() < f.toString().length() + 400, e.getMessage());
  }

  @Test
  void refusesOtherFiles() throws IOException {
    assertRefused(dir.resolve("absent.npy"), "no such file");
    Path f = dir.resolve("other.npy");
    Files.writeString(f, "PK not an array");
    assertRefused(f, "not a NumPy .npy file");
    Files.write(f, new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 9, 0, 1, 0});
    assertRefused(f, "version 9");
    Files.write(f, new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, -1, -1, -1, -1});
    assertRefused(f, "damaged .npy header");
    Files.write(f, new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 90, 0, '{'});
    assertRefused(f, "damaged .npy header");
  }

  @Test
  void votesMustBeOneDimensionalInt64() {
    Path f = dir.resolve("votes.npy");
    Npy.write(f, zeros(DType.I32, 4));
    InputException e = assertThrows(InputException.class, () -> Npy.readLongs(f));
    assertTrue(e.getMessage().contains("int64"), e.getMessage());
    Npy.write(f, zeros(DType.I64, 2, 2));
    assertThrows(InputException.class, () -> Npy.readLongs(f));
  }

  @Test
  void becomesAnNd4jArrayOfTheSameTypeAndShape() {
    HostTensor t = HostTensor.of("t", Shape.of(1, 3, 2), 0, 1, 2, 3, 4, 5);
    INDArray a = Npy.toIndArray(t);
    assertEquals(DataType.FLOAT, a.dataType());
    assertArrayEquals(new long[] {1, 3, 2}, a.shape());
    assertEquals(4f, a.getFloat(0, 2, 0));
    assertArrayEquals(
        new long[] {1L << 60},
        Npy.toIndArray(new HostTensor("l", DType.I64, Shape.of(1), longs(1L << 60)))
            .toLongVector());
    assertEquals(DataType.LONG, Npy.toIndArray(zeros(DType.I64, 2)).dataType());
    assertEquals(DataType.BOOL, Npy.toIndArray(zeros(DType.BOOL, 2)).dataType());
    assertArrayEquals(new long[] {0, 3}, Npy.toIndArray(zeros(DType.U8, 0, 3)).shape());
    assertArrayEquals(new long[0], Npy.toIndArray(zeros(DType.F64)).shape());
  }

  @Test
  void readsNpzEntriesStoredAndDeflated() throws IOException {
    Path f = dir.resolve("a.npz");
    byte[] votes = Npy.toBytes(HostTensor.of("x", Shape.of(2), 1.5f, Float.NaN));
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(f))) {
      out.putNextEntry(new ZipEntry("act/conv1.npy"));
      out.write(votes);
      out.putNextEntry(new ZipEntry("short.npy"));
      out.write(votes, 0, votes.length - 1);
      out.putNextEntry(new ZipEntry("readme.txt"));
    }
    try (Npz npz = Npz.open(f)) {
      assertEquals(Set.of("act/conv1", "short"), npz.names());
      assertTrue(npz.has("act/conv1"));
      assertFalse(npz.has("readme.txt"));
      assertArrayEquals(new float[] {1.5f, Float.NaN}, npz.get("act/conv1").toFloats());
      InputException absent = assertThrows(InputException.class, () -> npz.get("logits"));
      assertTrue(absent.getMessage().contains("a.npz"), absent.getMessage());
      assertTrue(absent.getMessage().contains("act/conv1"), absent.getMessage());
      InputException damaged = assertThrows(InputException.class, () -> npz.get("short"));
      assertTrue(damaged.getMessage().contains("a.npz[short]"), damaged.getMessage());
    }
    Files.writeString(f, "no zip");
    assertThrows(InputException.class, () -> Npz.open(f));
    assertThrows(InputException.class, () -> Npz.open(dir.resolve("absent.npz")));
  }

  private static void assertRefused(Path f, String says) {
    InputException e = assertThrows(InputException.class, () -> Npy.read(f));
    assertTrue(e.getMessage().startsWith(f.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(says), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  private Path file(int version, String header, byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    bytes.write(header.length());
    bytes.write(0);
    if (version > 1) {
      bytes.write(new byte[2]);
    }
    bytes.write(header.getBytes(StandardCharsets.ISO_8859_1));
    bytes.write(data);
    Path f = dir.resolve("made.npy");
    try (OutputStream out = Files.newOutputStream(f)) {
      bytes.writeTo(out);
    }
    return f;
  }

  private static ByteBuffer longs(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
  }

  private static HostTensor zeros(DType dtype, int... dims) {
    Shape shape = Shape.of(dims);
    return new HostTensor(
        "zeros", dtype, shape, ByteBuffer.allocate((int) shape.elements() * dtype.bytes()));
  }
}
