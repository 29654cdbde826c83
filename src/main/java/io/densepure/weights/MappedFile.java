package io.densepure.weights;

import io.densepure.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A file of any size, mapped read-only into memory: its pages come in when they are read and cost
 * no heap. One Java mapping reaches 2 GiB at most, so a larger file is mapped in windows of that
 * length that start every 64 MiB; any slice of up to {@value #MAX_SLICE} bytes lies in one window.
 *
 * <p>The mapping lasts as long as one of its slices is reachable. The file itself is not kept open,
 * so there is nothing to close.
 */
public final class MappedFile {
  private static final long WINDOW = Integer.MAX_VALUE;
  private static final long STRIDE = 1L << 26;

  /** The longest slice that can be had anywhere in a file: 2 GiB less 64 MiB. */
  public static final long MAX_SLICE = WINDOW - STRIDE;

  private final Path path;
  private final Object identity; // of the file that is mapped, not of its name; null if unknown
  private final long size;
  private final List<MappedByteBuffer> windows = new ArrayList<>();

  private MappedFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.identity = identity(path);
    this.size = channel.size();
    long start = 0;
    do {
      windows.add(channel.map(MapMode.READ_ONLY, start, Math.min(size - start, WINDOW)));
      start += STRIDE;
    } while (start + MAX_SLICE < size);
  }

  private static Object identity(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /**
   * @throws InputException naming the file if it is absent, no plain file or cannot be read
   */
  public static MappedFile open(Path path) {
    if (Files.exists(path) && !Files.isRegularFile(path)) { // opening a pipe would wait for ever
      throw InputException.of("%s: is a folder or device, not a file", path);
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return new MappedFile(path, channel);
    } catch (NoSuchFileException e) {
      throw new InputException(path + ": no such file", e);
    } catch (IOException e) {
      throw InputException.unreadable(path, e);
    }
  }

  public Path path() {
    return path;
  }

  /** Length in bytes. */
  public long size() {
    return size;
  }

  /**
   * A read-only little-endian view of {@code length} bytes from {@code offset}.
   *
   * @throws InputException naming the file if they are not all inside it, or are more than {@link
   *     #MAX_SLICE}
   */
  public ByteBuffer slice(long offset, long length) {
    if (offset < 0 || length < 0 || offset > size - length) {
      throw InputException.of(
          "%s: ends at byte %d, but bytes from %d on, %d of them, are needed; the file is truncated or damaged",
          path, size, offset, length);
    }
    if (length > MAX_SLICE) {
      throw InputException.of(
          "%s: one array of %d bytes is more than the %d supported", path, length, MAX_SLICE);
    }
    int index = (int) Math.min(offset / STRIDE, windows.size() - 1);
    MappedByteBuffer window = windows.get(index);
    long start = offset - index * STRIDE;
    return window.slice((int) start, (int) length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads bytes past the mapping, whose pages do not become resident by it.
   *
   * @param into filled to its limit with the bytes from {@code offset} on
   * @throws InputException naming the file if it has been cut short or replaced, or cannot be read
   */
  public void read(long offset, ByteBuffer into) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (!Objects.equals(identity, identity(path))) {
        throw InputException.of("%s: has been replaced while it was read", path);
      }
      long position = offset;
      while (into.hasRemaining()) {
        int count = channel.read(into, position);
        if (count < 0) {
          throw InputException.of("%s: ends at byte %d, within a tensor", path, position);
        }
        position += count;
      }
    } catch (IOException e) {
      throw InputException.unreadable(path, e);
    }
  }
}
