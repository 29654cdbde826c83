package io.densepure.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.convert.pickle.PickleBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints beyond 4 GiB; sparse, so they take no room on the disk. */
class LargeCheckpointTest {
  /** Three of these are 5.5 GiB. */
  private static final int BIG = 1_968_526_677;

  private static final float[] SMALL = {1.5f, -2f};

  @TempDir Path dir;

  @Test
  void readsALegacyTensorBehindFourGib() throws IOException {
    PickleBytes head =
        new PickleBytes()
            .proto(2)
            .raw(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.')
            .proto(2)
            .integer(1001)
            .raw('.')
            .proto(2)
            .raw('}')
            .string("little_endian")
            .raw(0x88, 's', '.');
    writeRoot(head);
    head.proto(2).raw(']', '(').string("0").string("1").string("2").string("3").raw('e', '.');
    Path file = dir.resolve("legacy.pt");
    try (FileChannel out = create(file)) {
      write(out, ByteBuffer.wrap(head.bytes()));
      for (int i = 0; i < 3; i++) {
        write(out, int64(BIG));
        out.position(out.position() + BIG);
      }
      write(out, int64(SMALL.length));
      write(out, small());
    }
    check(file);
  }

  @Test
  void readsAZip64TensorBehindFourGib() throws IOException {
    PickleBytes pickle = new PickleBytes();
    writeRoot(pickle);
    Path file = dir.resolve("zip.pt");
    try (FileChannel out = create(file)) {
      List<ByteBuffer> directory = new ArrayList<>();
      directory.add(entry(out, "a/data.pkl", ByteBuffer.wrap(pickle.bytes()), 0));
      directory.add(entry(out, "a/version", ByteBuffer.wrap(new byte[] {'3', '\n'}), 0));
      for (int i = 0; i < 3; i++) {
        directory.add(entry(out, "a/data/" + i, ByteBuffer.allocate(0), BIG));
      }
      directory.add(entry(out, "a/data/3", small(), 0));
      long start = out.position();
      for (ByteBuffer header : directory) {
        write(out, header);
      }
      writeZip64End(out, start, directory.size());
    }
    check(file);
  }

  private static void check(Path file) {
    CheckpointWeights weights = CheckpointReader.open(file).stateDict();
    assertEquals(List.of("0", "1", "2", "3"), List.copyOf(weights.keys()));
    assertArrayEquals(SMALL, weights.get("3").toFloats());
    assertEquals(BIG, weights.ref("1").bytes());
    assertTrue(weights.ref("1").isContiguous());
  }

  /** Three tensors of many bytes and one of two floats, called 0, 1, 2, 3 as their storages. */
  private static void writeRoot(PickleBytes p) {
    p.proto(2).raw('}', '(');
    for (int i = 0; i < 4; i++) {
      int elements = i < 3 ? BIG : SMALL.length;
      p.string(Integer.toString(i)).global("torch._utils", "_rebuild_tensor_v2").raw('(', '(');
      p.string("storage").global("torch", i < 3 ? "ByteStorage" : "FloatStorage");
      p.string(Integer.toString(i)).string("cuda:0").integer(elements).raw('t', 'Q', 'K', 0);
      p.integer(elements).raw(0x85, 'K', 1, 0x85, 0x89, 'N', 't', 'R');
    }
    p.raw('u', '.');
  }

  /** Writes a local header and the contents, zeros after them; gives the central header. */
  private static ByteBuffer entry(FileChannel out, String name, ByteBuffer contents, int zeros)
      throws IOException {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    CRC32 crc = new CRC32();
    crc.update(contents.duplicate()); // that of the zeros is not looked at by this test
    long offset = out.position();
    long size = contents.remaining() + zeros;
    write(
        out,
        buffer(30 + nameBytes.length)
            .putInt(0x04034b50)
            .putShort((short) 45)
            .putShort((short) 0)
            .putShort((short) 0)
            .putInt(0)
            .putInt((int) crc.getValue())
            .putInt(-1)
            .putInt(-1)
            .putShort((short) nameBytes.length)
            .putShort((short) 0)
            .put(nameBytes)
            .flip());
    write(out, contents);
    out.position(out.position() + zeros);
    return buffer(46 + nameBytes.length + 4 + 24)
        .putInt(0x02014b50)
        .putShort((short) 45)
        .putShort((short) 45)
        .putShort((short) 0)
        .putShort((short) 0)
        .putInt(0)
        .putInt((int) crc.getValue())
        .putInt(-1)
        .putInt(-1)
        .putShort((short) nameBytes.length)
        .putShort((short) 28)
        .putShort((short) 0)
        .putInt(0)
        .putInt(0)
        .putInt(-1)
        .put(nameBytes)
        .putShort((short) 1)
        .putShort((short) 24)
        .putLong(size)
        .putLong(size)
        .putLong(offset)
        .flip();
  }

  private static void writeZip64End(FileChannel out, long start, int count) throws IOException {
    long end = out.position();
    write(
        out,
        buffer(56 + 20 + 22)
            .putInt(0x06064b50)
            .putLong(44)
            .putInt(45 << 16 | 45)
            .putLong(0)
            .putLong(count)
            .putLong(count)
            .putLong(end - start)
            .putLong(start)
            .putInt(0x07064b50)
            .putInt(0)
            .putLong(end)
            .putInt(1)
            .putInt(0x06054b50)
            .putInt(0)
            .putInt(-1)
            .putInt(-1)
            .putInt(-1)
            .putShort((short) 0)
            .flip());
  }

  private static ByteBuffer small() {
    return HostTensor.of("small", Shape.of(SMALL.length), SMALL).data();
  }

  private static ByteBuffer int64(long value) {
    return buffer(8).putLong(value).flip();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE);
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
