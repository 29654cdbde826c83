package io.densepure.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Writes safetensors files. The bytes go to a temporary file beside the target, which takes the
 * target's name only when all of it is on the disk: a crash leaves the old file or the new one,
 * never a part.
 */
public final class SafetensorsWriter {
  private static final JsonFactory JSON = new JsonFactory();

  /** The tensors' bytes start at a multiple of this, so that they can be used where they lie. */
  private static final int ALIGNMENT = 8;

  private static final int CHUNK = 1 << 20;

  private SafetensorsWriter() {}

  /**
   * A tensor to be written.
   *
   * @param data gives its little-endian bytes in C order; asked once, when their turn comes
   */
  public record Entry(String key, DType dtype, Shape shape, Supplier<ByteBuffer> data) {
    long bytes() {
      return Math.multiplyExact(shape.elements(), dtype.bytes());
    }
  }

  /** Writes all tensors and the metadata of a store. Errors as below. */
  public static void write(Path target, WeightStore store) {
    List<Entry> entries =
        store.keys().stream()
            .map(
                key -> {
                  HostTensor t = store.get(key);
                  return new Entry(key, t.dtype(), t.shape(), t::data);
                })
            .toList();
    write(target, store.metadata(), entries);
  }

  /**
   * Writes the file, replacing one that is there. The header lists the tensors in the order given;
   * the bytes lie by falling element size, so that each tensor is aligned to its elements.
   *
   * @throws InputException naming the file if it cannot be written
   * @throws IllegalArgumentException if two tensors have the same key, or one gives other bytes
   *     than its dtype and shape say
   */
  public static void write(Path target, Map<String, String> metadata, Collection<Entry> entries) {
    List<Entry> byPosition =
        entries.stream()
            .sorted(Comparator.comparingInt((Entry e) -> e.dtype.bytes()).reversed())
            .toList();
    byte[] header = header(metadata, entries, offsets(byPosition));
    Path absolute = target.toAbsolutePath();
    Path temporary =
        absolute.resolveSibling(
            absolute.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    try {
      try {
        writeAndSync(temporary, header, byPosition);
        Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
      syncFolder(absolute.getParent());
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  private static Map<String, Long> offsets(List<Entry> byPosition) {
    Map<String, Long> offsets = new HashMap<>();
    long position = 0;
    for (Entry e : byPosition) {
      if (e.key.equals(SafetensorsHeader.METADATA) || offsets.put(e.key, position) != null) {
        throw new IllegalArgumentException("two tensors, or a reserved key: " + e.key);
      }
      position = Math.addExact(position, e.bytes());
    }
    return offsets;
  }

  private static byte[] header(
      Map<String, String> metadata, Collection<Entry> entries, Map<String, Long> offsets) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> e : metadata.entrySet()) {
          json.writeStringField(e.getKey(), e.getValue());
        }
        json.writeEndObject();
      }
      for (Entry e : entries) {
        long begin = offsets.get(e.key);
        int[] dims = e.shape.toArray();
        json.writeObjectFieldStart(e.key);
        json.writeStringField("dtype", e.dtype.name());
        json.writeFieldName("shape");
        json.writeArray(dims, 0, dims.length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {begin, begin + e.bytes()}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException(e); // writing to memory cannot fail
    }
    while (out.size() % ALIGNMENT != 0) {
      out.write(' ');
    }
    if (out.size() > SafetensorsHeader.MAX_BYTES) {
      throw InputException.of(
          "a safetensors header of %d bytes is above the format's limit of %d",
          out.size(), SafetensorsHeader.MAX_BYTES);
    }
    return out.toByteArray();
  }

  private static void writeAndSync(Path file, byte[] header, List<Entry> byPosition)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer length =
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length);
      write(channel, length.flip());
      write(channel, ByteBuffer.wrap(header));
      for (Entry e : byPosition) {
        ByteBuffer data = e.data.get();
        if (data.remaining() != e.bytes()) {
          throw new IllegalArgumentException(
              e.key + ": " + data.remaining() + " bytes for " + e.dtype + " " + e.shape);
        }
        write(channel, data);
      }
      channel.force(true);
    }
  }

  /** In pieces, because the channel copies a heap buffer's whole rest before it writes. */
  private static void write(FileChannel channel, ByteBuffer data) throws IOException {
    while (data.hasRemaining()) {
      ByteBuffer piece = data.slice(data.position(), Math.min(CHUNK, data.remaining()));
      data.position(data.position() + piece.remaining());
      while (piece.hasRemaining()) {
        channel.write(piece);
      }
    }
  }

  /** Makes the new name last, where the system lets a folder be synced. */
  private static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Some systems cannot open a folder; the file itself is safe on the disk.
    }
  }
}
