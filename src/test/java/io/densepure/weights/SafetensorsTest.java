package io.densepure.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private static final String GOOD =
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}";

  @TempDir Path dir;

  @Test
  void everyDtypeAndShapeComesBackAsItWasWritten() {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    Random random = new Random(1);
    for (DType dtype : DType.values()) {
      for (Shape shape : List.of(Shape.of(), Shape.of(3), Shape.of(2, 0, 4), Shape.of(3, 1, 5))) {
        byte[] bytes = new byte[(int) shape.elements() * dtype.bytes()];
        random.nextBytes(bytes);
        String key = "block." + dtype + "." + shape.rank();
        tensors.put(key, new HostTensor(key, dtype, shape, ByteBuffer.wrap(bytes)));
      }
    }
    Map<String, String> metadata = Map.of("arch", "unet", "config", "{\"a\": \"ä \\\" \\n\"}");
    Path file = dir.resolve("all.safetensors");

    SafetensorsWriter.write(file, new MapWeightStore("memory", tensors, metadata));
    WeightStore read = Safetensors.open(file);

    assertEquals(file.toString(), read.source());
    assertEquals(metadata, read.metadata());
    assertEquals(List.copyOf(tensors.keySet()), List.copyOf(read.keys()), "order of keys");
    tensors.forEach(
        (key, expected) -> {
          HostTensor actual = read.get(key);
          assertEquals(expected.dtype(), actual.dtype(), key);
          assertEquals(expected.shape(), actual.shape(), key);
          assertEquals(expected.data(), actual.data(), key);
          assertTrue(actual.data().isDirect(), key + " is mapped, not on the heap");
          assertSame(actual, read.get(key), key);
        });
  }

  /** The layout the format's own implementation demands: no gap, and what we add: alignment. */
  @Test
  void tensorsLieAlignedAndWithoutGaps() throws IOException {
    Path file = dir.resolve("aligned.safetensors");
    SafetensorsWriter.write(
        file,
        MapWeightStore.of(
            "memory",
            List.of(
                new HostTensor("odd", DType.U8, Shape.of(3), ByteBuffer.wrap(new byte[] {1, 2, 3})),
                HostTensor.of("w", Shape.of(1), 0.5f))));

    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) bytes.getLong(0);
    assertEquals(0, header % 8);
    assertEquals(
        "{\"odd\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        new String(bytes.array(), 8, header, StandardCharsets.UTF_8).stripTrailing());
    assertEquals(0.5f, bytes.getFloat(8 + header));
    assertEquals(8 + header + 7, bytes.capacity());
  }

  /** Longer than what is read at a time, of each width. */
  @ParameterizedTest
  @ValueSource(strings = {"F32", "F64", "F16", "U8"})
  void longTensorsAreReadInPieces(DType dtype) {
    byte[] bytes = new byte[(1 << 21) + 8 * dtype.bytes()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 7 % 61); // no NaN in any dtype
    }
    Shape shape = Shape.of(bytes.length / dtype.bytes());
    HostTensor inMemory = new HostTensor("w", dtype, shape, ByteBuffer.wrap(bytes));
    Path file = dir.resolve("long.safetensors");
    SafetensorsWriter.write(file, MapWeightStore.of("memory", List.of(inMemory)));
    assertArrayEquals(inMemory.toFloats(), Safetensors.open(file).get("w").toFloats());
  }

  @Test
  void aFileCutShortWhileInUseIsNamed() throws IOException {
    Path file = dir.resolve("cut.safetensors");
    SafetensorsWriter.write(
        file, MapWeightStore.of("memory", List.of(HostTensor.of("w", Shape.of(9), new float[9]))));
    HostTensor w = Safetensors.open(file).get("w");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) - 4));
    InputException e = assertThrows(InputException.class, w::toFloats);
    assertTrue(e.getMessage().startsWith(file + ": ends at byte"), e.getMessage());
  }

  @Test
  void aMissingKeyIsNamed() throws IOException {
    InputException e = assertThrows(InputException.class, () -> open(GOOD, 2).get("b\n"));
    assertTrue(e.getMessage().endsWith("no tensor 'b\\u000a'"), e.getMessage());
  }

  /** What must be refused, and a word of the reason. {@code 'x'} stands for {@code "x"}. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "2 | {'a':{'dtype':'F4','shape':[2],'data_offsets':[0,2]}} | dtype 'F4'; supported are [F64",
        "2 | {'a':{'dtype':'U8','shape':[3],'data_offsets':[0,2]}} | U8 [3] has 2 bytes",
        "2 | {'a':{'dtype':'F16','shape':[2],'data_offsets':[0,2]}} | F16 [2] has 2 bytes",
        "2 | {'a':{'dtype':'U8','shape':[-2],'data_offsets':[0,2]}} | natural numbers",
        "2 | {'a':{'dtype':'U8','shape':[2.0],'data_offsets':[0,2]}} | natural numbers",
        "2 | {'a':{'dtype':'U8','shape':['2'],'data_offsets':[0,2]}} | natural numbers",
        "2 | {'a':{'dtype':'U8','shape':[[2]],'data_offsets':[0,2]}} | natural numbers",
        "2 | {'a':{'dtype':'U8','shape':[99999999999999999999],'data_offsets':[0,2]}} | out of range",
        "2 | {'a':{'dtype':'U8','shape':[4294967296,4294967296],'data_offsets':[0,0]}} | has 0 bytes",
        "2 | {'a':{'dtype':'F64','shape':[2147483647,2147483647,4],'data_offsets':[0,2]}} | has 2 bytes",
        "2 | {'a':{'dtype':'U8','shape':[2],'data_offsets':[2,0]}} | outside the file",
        "2 | {'a':{'dtype':'U8','shape':[2],'data_offsets':[0,9000000000]}} | outside the file",
        "2 | {'a':{'dtype':'U8','shape':[2],'data_offsets':[0]}} | two data_offsets",
        "2 | {'a':{'dtype':'U8','shape':[2],'data_offsets':[0,1,2]}} | two data_offsets",
        "2 | {'a':{'dtype':'U8','shape':[2]}} | needs dtype",
        "2 | {'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2],'strides':[1]}} | unknown field 'strides'",
        "2 | {'a':[1]} | 'a' must be or have an object",
        "2 | {'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'b':{'dtype':'U8','shape':[2],'data_offsets':[0,2]}} | overlap",
        "3 | {'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'b':{'dtype':'U8','shape':[1],'data_offsets':[2,3]}} | gap",
        "2 | {'a':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}} | gap",
        "3 | {'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]}} | damaged",
        "1 | {'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]}} | truncated",
        "2 | {'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'a':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}} | Duplicate field",
        "0 | {'__metadata__':{'a':'1','a':'2'}} | Duplicate field",
        "0 | {'__metadata__':{'a':1}} | '__metadata__' must be or have an object of strings",
        "0 | {'__metadata__':'x'} | '__metadata__' must be or have an object of strings",
        "0 | ['a'] | must be or have a JSON object",
        "0 | {} {} | something follows",
        "0 | {'a' | Unexpected end-of-input",
        "0 | nonsense | Unrecognized token",
      })
  void damagedHeadersAreRefused(int dataBytes, String header, String reason) {
    InputException e =
        assertThrows(InputException.class, () -> open(header.replace('\'', '"'), dataBytes));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertTrue(e.getMessage().startsWith(dir.toString()), "names the file: " + e.getMessage());
    assertFalse(e.getMessage().contains("\n"), "one line: " + e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 1000, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE})
  void absurdHeaderLengthsAreRefused(long length) throws IOException {
    Path file = dir.resolve("length.safetensors");
    Files.write(file, bytes(length, GOOD, 2));
    InputException e = assertThrows(InputException.class, () -> Safetensors.open(file));
    assertTrue(e.getMessage().contains("announces a header of"), e.getMessage());
  }

  @Test
  void aHeaderNestedWithoutEndIsRefused() {
    assertThrows(InputException.class, () -> open("{\"a\":{\"shape\":" + "[".repeat(100_000), 0));
    assertThrows(InputException.class, () -> open("{\"a\":".repeat(100_000), 0));
  }

  /** A file cut anywhere never opens, and never ends in another exception. */
  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] whole = bytes(GOOD.length(), GOOD, 2);
    Path file = dir.resolve("cut.safetensors");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThrows(InputException.class, () -> Safetensors.open(file), length + " bytes");
    }
    Files.write(file, whole);
    assertEquals(2, Safetensors.open(file).get("a").shape().dim(0));
  }

  @Test
  void whatIsNoFileIsRefused() {
    InputException none =
        assertThrows(InputException.class, () -> Safetensors.open(dir.resolve("none")));
    assertTrue(none.getMessage().endsWith("none: no such file"), none.getMessage());
    assertThrows(InputException.class, () -> Safetensors.open(dir));
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNoOther() throws IOException {
    Path file = dir.resolve("kept.safetensors");
    SafetensorsWriter.write(
        file, MapWeightStore.of("m", List.of(HostTensor.of("a", Shape.of(), 7))));

    SafetensorsWriter.Entry failing =
        new SafetensorsWriter.Entry(
            "b",
            DType.U8,
            Shape.of(2),
            () -> {
              throw new InputException("source is gone");
            });
    assertThrows(
        InputException.class, () -> SafetensorsWriter.write(file, Map.of(), List.of(failing)));
    SafetensorsWriter.Entry lying =
        new SafetensorsWriter.Entry("b", DType.U8, Shape.of(2), () -> ByteBuffer.allocate(1));
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(file, Map.of(), List.of(lying)));

    assertEquals(7, Safetensors.open(file).get("a").toFloats()[0]);
    try (Stream<Path> files = Files.list(dir)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void aMissingFolderIsNamed() {
    Path file = dir.resolve("no/where.safetensors");
    InputException e =
        assertThrows(
            InputException.class,
            () -> SafetensorsWriter.write(file, MapWeightStore.of("m", List.of())));
    assertEquals(file + ": cannot be written: its folder does not exist", e.getMessage());
  }

  private WeightStore open(String header, int dataBytes) throws IOException {
    Path file = dir.resolve("case.safetensors");
    Files.write(file, bytes(header.getBytes(StandardCharsets.UTF_8).length, header, dataBytes));
    return Safetensors.open(file);
  }

  private static byte[] bytes(long announced, String header, int dataBytes) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(announced)
        .put(json)
        .array();
  }
}
