package io.densepure.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and hostile files: refused in one line, or harmless. */
class BadCheckpointsTest {
  static final Path CHECKPOINTS = Path.of("src/test/reference/checkpoints");
  static final Path BAD = CHECKPOINTS.resolve("bad");

  /** The one bad file that may be loaded: only its location tag is odd. */
  private static final String HARMLESS = "loc_weird.pt";

  /** File and a part of the message. */
  private static final String REASONS =
      """
      binunicode8_huge | needs 4611686018427387904 bytes more
      build_setstate | use 'os.system'
      cycle | no tensors in this checkpoint
      deep_nesting | no tensors in this checkpoint
      deflated | compressed
      dtype_mismatch | should have 48 bytes but has 24
      duplicate_entries | 'zip/data/0' occurs twice
      empty_file | is empty
      expand_bomb | [2147483648, 4]
      frame_huge | needs 1152921504606846976 bytes more
      garbage | neither a PyTorch checkpoint
      global_posix | call 'posix.system'
      key_path | '../data.pkl' are missing
      legacy_reduce_os_system | call 'posix.system'
      legacy_truncated | cut short
      long4_huge | integer of -5 bytes
      long_binput | no tensors in this checkpoint
      memo_bomb | no tensors in this checkpoint
      no_data_pkl | without 'data.pkl'
      no_stop | truncated
      no_version | without 'version'
      numel_absurd | should have 4503599627370496 bytes but has 24
      numel_negative | -6 elements
      offset_negative | outside its storage
      offset_oob | outside its storage
      opcode_ext | opcode 0x82
      opcode_inst | opcode 0x69
      opcode_newobj | create a 'subprocess.Popen'
      opcode_obj | opcode 0x6f
      rank_mismatch | 2 dimensions has 1 strides
      raw_pickle_not_torch | not one of PyTorch's checkpoints
      reduce_eval | call 'builtins.eval'
      reduce_getattr | call 'builtins.__import__'
      reduce_os_system | call 'posix.system'
      reduce_os_system_proto4 | call 'posix.system'
      reduce_popen | call 'commands.Popen'
      size_absurd | [1099511627776]
      size_negative | [-1, 6]
      size_overflow | [8589934592, 8589934592]
      stack_underflow | empty stack
      storage_missing | storage '1' are missing
      storage_too_long | should have 540 bytes but has 604
      storage_too_short | should have 540 bytes but has 532
      stride_negative | outside its storage
      stride_oob | outside its storage
      truncated_half | truncated
      truncated_head_only | truncated
      truncated_tail | truncated
      wrong_crc_pickle | checksum of entry 'zip/data.pkl'
      wrong_crc_storage | checksum of entry 'zip/data/0'
      zip_bomb | compressed
      zip_slip | not in the archive's one folder
      """;

  /** Of an archive's end record, and of an entry of this length of name in its directory. */
  private static final int END_BYTES = 22;

  private static final int CENTRAL_BYTES = 46 + "t/data/0".length();

  @TempDir Path dir;

  static List<Arguments> reasons() {
    return REASONS
        .lines()
        .map(line -> line.split(" \\| "))
        .map(row -> Arguments.of(row[0], row[1]))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void isRefusedInOneLine(String name, String reason) {
    Path file = BAD.resolve(name + ".pt");
    InputException e = assertThrows(InputException.class, () -> readAll(file));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertTrue(e.getMessage().length() < 400, e.getMessage());
  }

  @Test
  void anOddLocationTagIsIgnored() {
    CheckpointWeights weights = CheckpointReader.open(BAD.resolve(HARMLESS)).stateDict();
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, weights.get("w").toFloats());
  }

  @Test
  void everyBadFileIsTested() throws IOException {
    Set<String> listed = new TreeSet<>();
    for (JsonNode entry : new ObjectMapper().readTree(BAD.resolve("bad.json").toFile())) {
      listed.add(entry.get("file").asText());
    }
    Set<String> tested = new TreeSet<>(Set.of(HARMLESS));
    reasons().forEach(row -> tested.add(row.get()[0] + ".pt"));
    assertEquals(listed, tested);
  }

  /** No file of these is complete without its last byte. */
  @ParameterizedTest
  @ValueSource(strings = {"fp16_special.pt", "shared_storage.pt", "dtypes_legacy.pt"})
  void everyTruncationIsRefused(String name) throws IOException {
    Path file = Files.copy(CHECKPOINTS.resolve(name), dir.resolve("cut.pt"));
    assertTrue(readAll(file) > 0);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long length = channel.size() - 1; length >= 0; length--) {
        channel.truncate(length);
        assertThrows(InputException.class, () -> readAll(file), length + " bytes");
      }
    }
  }

  /** A changed byte is found, or does no harm: never another exception. */
  @ParameterizedTest
  @ValueSource(strings = {"fp16_special.pt", "shared_storage.pt", "dtypes_legacy.pt"})
  void everyChangedByteIsRefusedOrHarmless(String name) throws IOException {
    byte[] whole = Files.readAllBytes(CHECKPOINTS.resolve(name));
    Path file = Files.write(dir.resolve("changed.pt"), whole);
    int refused = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int i = 0; i < whole.length; i++) {
        channel.write(ByteBuffer.wrap(new byte[] {(byte) (whole[i] ^ 0x81)}), i);
        try {
          readAll(file);
        } catch (InputException e) {
          refused++;
        }
        channel.write(ByteBuffer.wrap(whole, i, 1), i);
      }
    }
    assertTrue(refused > whole.length / 3, refused + " of " + whole.length + " refused");
  }

  /** Both are whole, but an archive of many such entries would take hours to check. */
  @Test
  void entriesThatLieOnEachOtherAreRefused() throws IOException {
    Path file = dir.resolve("nested.pt");
    byte[] inner = zip(file, "t/data/1", new byte[4000]);
    byte[] outer = zip(file, "t/data/0", inner);
    int record = inner.length - END_BYTES - CENTRAL_BYTES; // what the directory says of t/data/1
    int start = outer.length - END_BYTES - CENTRAL_BYTES - inner.length;
    int end = outer.length - END_BYTES;
    ByteBuffer both = ByteBuffer.allocate(outer.length + CENTRAL_BYTES);
    both.order(ByteOrder.LITTLE_ENDIAN);
    both.put(outer, 0, end).put(inner, record, CENTRAL_BYTES).put(outer, end, END_BYTES);
    both.putInt(end + 42, start); // where the entry is
    end += CENTRAL_BYTES;
    both.putShort(end + 8, (short) 2).putShort(end + 10, (short) 2);
    both.putInt(end + 12, 2 * CENTRAL_BYTES);
    Files.write(file, both.array());
    InputException e = assertThrows(InputException.class, () -> readAll(file));
    assertTrue(e.getMessage().contains("headers contradict each other"), e.getMessage());
  }

  private static byte[] zip(Path file, String name, byte[] contents) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      TorchFiles.put(out, name, contents);
    }
    return Files.readAllBytes(file);
  }

  /**
   * With a heap of 24 MiB and a stack of 256 KiB; without a bound, several would take gigabytes.
   */
  @Test
  void badFilesTakeLittleMemory() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx24m",
                "-Xss256k",
                "-cp",
                System.getProperty("java.class.path"),
                BadCheckpointsTest.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("out").toFile())
            .start();
    boolean ended = child.waitFor(2, TimeUnit.MINUTES);
    child.destroyForcibly();
    String output = Files.readString(dir.resolve("out"));
    assertTrue(ended, "hangs after:\n" + output);
    assertEquals(0, child.exitValue(), output);
    assertEquals("52 refused", output.lines().reduce("", (a, b) -> b));
  }

  /** The child: reads every bad file; anything but an InputException ends it with exit status 1. */
  public static void main(String[] args) throws IOException {
    int refused = 0;
    try (var files = Files.newDirectoryStream(BAD, "*.pt")) {
      for (Path file : files) {
        System.out.println(file);
        try {
          readAll(file);
        } catch (InputException e) {
          refused++;
        }
      }
    }
    System.out.println(refused + " refused");
  }

  /** Everything that a conversion would read; the number of tensors. */
  private static int readAll(Path file) {
    CheckpointWeights weights = CheckpointReader.open(file).stateDict();
    weights.keys().forEach(weights::get);
    return weights.keys().size();
  }
}
