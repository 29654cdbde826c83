package io.densepure.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files beyond the 2 GiB of one mapping; sparse, so they take no room on the disk. */
class MappedFileTest {
  private static final long GIB = 1L << 30;
  private static final long SIZE = 5 * GIB + 12_345;

  @TempDir Path dir;
  private Path path;

  @BeforeEach
  void sparseFile() throws IOException {
    path = dir.resolve("large");
    put(SIZE - 1, new byte[] {42});
  }

  @ParameterizedTest
  @ValueSource(longs = {0, GIB - 3, GIB, 2 * GIB - 4, 2 * GIB, 3 * GIB - 1, 4 * GIB + 7, SIZE - 9})
  void readsAtAnyOffset(long offset) throws IOException {
    put(offset, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    ByteBuffer slice = MappedFile.open(path).slice(offset, 8);
    assertEquals(0x0807060504030201L, slice.getLong());
    assertEquals(8, slice.capacity());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 3 * GIB - 1, SIZE - MappedFile.MAX_SLICE})
  void theLongestSliceFitsAnywhere(long offset) throws IOException {
    put(offset + MappedFile.MAX_SLICE - 1, new byte[] {9});
    ByteBuffer slice = MappedFile.open(path).slice(offset, MappedFile.MAX_SLICE);
    assertEquals(9, slice.get((int) MappedFile.MAX_SLICE - 1));
  }

  @Test
  void noFileStaysOpenAndAnotherOneOfTheNameIsNotRead() throws IOException {
    MappedFile file = MappedFile.open(path);
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      assertTrue(open.noneMatch(this::isOurs));
    }
    ByteBuffer one = ByteBuffer.allocate(1);
    file.read(SIZE - 1, one);
    assertEquals(42, one.get(0));
    Files.move(path, dir.resolve("old"));
    put(SIZE - 1, new byte[] {43});
    InputException e =
        assertThrows(InputException.class, () -> file.read(SIZE - 1, ByteBuffer.allocate(1)));
    assertEquals(path + ": has been replaced while it was read", e.getMessage());
  }

  private boolean isOurs(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).equals(path.toRealPath());
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  @Test
  void theEndIsTheEnd() {
    MappedFile file = MappedFile.open(path);
    assertEquals(SIZE, file.size());
    assertEquals(42, file.slice(SIZE - 1, 1).get());
    assertEquals(0, file.slice(SIZE, 0).remaining());
    assertThrows(InputException.class, () -> file.slice(SIZE, 1));
    assertThrows(InputException.class, () -> file.slice(SIZE - 1, 2));
    assertThrows(InputException.class, () -> file.slice(-1, 2));
    assertThrows(InputException.class, () -> file.slice(2, -1));
    assertThrows(InputException.class, () -> file.slice(Long.MAX_VALUE, 1));
  }

  @Test
  void oneSliceAboveTheLimitIsRefused() {
    MappedFile file = MappedFile.open(path);
    InputException e =
        assertThrows(InputException.class, () -> file.slice(0, MappedFile.MAX_SLICE + 1));
    assertTrue(e.getMessage().contains("more than the"), e.getMessage());
  }

  /** Three tensors of 1.6 GiB, which together reach beyond 4 GiB, and a small one behind them. */
  @Test
  void safetensorsFindsATensorBeyondTwoGib() throws IOException {
    long dataStart = 4096;
    long third = (SIZE - 4 - dataStart) / 3;
    long begin = 3 * third;
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < 3; i++) {
      header
          .append(entry("big" + i, "U8", "[" + third + "]", i * third, (i + 1) * third))
          .append(',');
    }
    header.append(entry("w", "F32", "[]", begin, begin + 4)).append('}');
    header.append(" ".repeat((int) dataStart - 8 - header.length()));
    put(0, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(dataStart - 8).array());
    put(8, header.toString().getBytes(StandardCharsets.UTF_8));
    put(dataStart + begin, new byte[] {0, 0, (byte) 0xc0, 0x3f});
    truncate(dataStart + begin + 4);

    WeightStore store = Safetensors.open(path);

    assertEquals(1.5f, store.get("w").toFloats()[0]);
    assertEquals(third, store.get("big2").data().remaining());
  }

  private static String entry(String key, String dtype, String shape, long begin, long end) {
    return String.format(
        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
        key, dtype, shape, begin, end);
  }

  private void truncate(long size) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  private void put(long offset, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer, offset + buffer.position());
      }
    }
  }
}
