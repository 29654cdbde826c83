package io.densepure.convert;

import io.densepure.InputException;
import io.densepure.weights.MappedFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * The central directory of a zip archive, read more strictly than {@code java.util.zip} does: names
 * occur once, an entry is what both of its headers say, and contents are views of the mapped file
 * whose checksum is right. Compressed entries are listed but never inflated.
 */
final class ZipDirectory {
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int END64 = 0x06064b50;
  private static final int END64_BYTES = 56;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int LOCATOR64_BYTES = 20;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int MAX_COMMENT = 0xffff;
  private static final long MAX_UINT = 0xffffffffL;
  private static final int ZIP64_EXTRA = 1;

  /** A checkpoint's directory takes kilobytes. */
  private static final int MAX_DIRECTORY = 1 << 26;

  /**
   * @param method 0 if stored
   * @param crc CRC-32 of the contents
   * @param offset of the local header in the file
   */
  record Entry(
      String name, int flags, int method, long crc, long compressed, long size, long offset) {}

  private final MappedFile file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long directoryOffset;

  private ZipDirectory(MappedFile file) {
    this.file = file;
  }

  /**
   * @throws InputException naming the file if it is no complete zip archive
   */
  static ZipDirectory read(MappedFile file) {
    ZipDirectory directory = new ZipDirectory(file);
    directory.readEntries(directory.locate());
    return directory;
  }

  /** In the order of the archive. */
  Map<String, Entry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /**
   * The contents of a stored entry, a view of the file.
   *
   * @throws InputException naming file and entry if it is compressed, encrypted or damaged
   */
  ByteBuffer contents(Entry entry) {
    if ((entry.flags & 1) != 0 || entry.method != 0 || entry.compressed != entry.size) {
      throw InputException.of(
          "%s: entry %s is compressed or encrypted, which PyTorch never does; write the checkpoint again with"
              + " torch.save",
          file.path(), InputException.quote(entry.name));
    }
    ByteBuffer contents = file.slice(dataOffset(entry), entry.size);
    CRC32 crc = new CRC32();
    crc.update(contents.duplicate());
    if (crc.getValue() != entry.crc) {
      throw InputException.of(
          "%s: the checksum of entry %s is wrong; the file is damaged",
          file.path(), InputException.quote(entry.name));
    }
    return contents;
  }

  private long dataOffset(Entry entry) {
    if (entry.offset > directoryOffset - LOCAL_BYTES) {
      throw damaged();
    }
    ByteBuffer header = file.slice(entry.offset, LOCAL_BYTES);
    int nameBytes = header.getShort(26) & 0xffff;
    long data = entry.offset + LOCAL_BYTES + nameBytes + (header.getShort(28) & 0xffff);
    if (header.getInt(0) != LOCAL
        || (header.getShort(8) & 0xffff) != entry.method
        || data > directoryOffset - entry.size
        || !text(file.slice(entry.offset + LOCAL_BYTES, nameBytes)).equals(entry.name)) {
      throw damaged();
    }
    return data;
  }

  /** The bytes of the directory, found through the end record and, if there, that of ZIP64. */
  private ByteBuffer locate() {
    long end = findEnd();
    ByteBuffer record = file.slice(end, END_BYTES);
    long count = record.getShort(10) & 0xffff;
    long bytes = record.getInt(12) & MAX_UINT;
    directoryOffset = record.getInt(16) & MAX_UINT;
    boolean oneDisk = record.getShort(4) == record.getShort(6) && record.getShort(8) == count;
    if (end >= LOCATOR64_BYTES
        && file.slice(end - LOCATOR64_BYTES, LOCATOR64_BYTES).getInt(0) == LOCATOR64) {
      ByteBuffer locator = file.slice(end - LOCATOR64_BYTES, LOCATOR64_BYTES);
      end = locator.getLong(8);
      ByteBuffer record64 = file.slice(end, END64_BYTES);
      if (record64.getInt(0) != END64) {
        throw damaged();
      }
      bytes = record64.getLong(40);
      directoryOffset = record64.getLong(48);
    } else if (!oneDisk) {
      throw damaged();
    }
    if (directoryOffset < 0 || bytes < 0 || directoryOffset != end - bytes) {
      throw damaged();
    }
    if (bytes > MAX_DIRECTORY) {
      throw InputException.of(
          "%s: its directory takes %d bytes; that is no checkpoint", file.path(), bytes);
    }
    return file.slice(directoryOffset, bytes);
  }

  /** The end record is followed by nothing but a comment of the length it announces. */
  private long findEnd() {
    long size = file.size();
    int reach = (int) Math.min(size, END_BYTES + MAX_COMMENT);
    ByteBuffer tail = file.slice(size - reach, reach);
    for (int at = reach - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END && (tail.getShort(at + 20) & 0xffff) == reach - END_BYTES - at) {
        return size - reach + at;
      }
    }
    throw InputException.of(
        "%s: starts like a zip archive but its directory is missing; the file is truncated",
        file.path());
  }

  private void readEntries(ByteBuffer directory) {
    long total = 0;
    while (directory.hasRemaining()) {
      if (directory.remaining() < CENTRAL_BYTES) {
        throw damaged();
      }
      ByteBuffer header = directory.slice().order(ByteOrder.LITTLE_ENDIAN);
      int nameBytes = header.getShort(28) & 0xffff;
      int extraBytes = header.getShort(30) & 0xffff;
      int length = CENTRAL_BYTES + nameBytes + extraBytes + (header.getShort(32) & 0xffff);
      if (header.getInt(0) != CENTRAL || length > directory.remaining()) {
        throw damaged();
      }
      String name = text(header.slice(CENTRAL_BYTES, nameBytes));
      ByteBuffer extra =
          header.slice(CENTRAL_BYTES + nameBytes, extraBytes).order(ByteOrder.LITTLE_ENDIAN);
      Entry entry = entry(name, header, extra);
      total += Math.min(entry.compressed, file.size() + 1);
      if (total > file.size()) { // entries that lie on each other take time without bound to check
        throw damaged();
      }
      if (entries.put(name, entry) != null) {
        throw InputException.of(
            "%s: entry %s occurs twice; the file is damaged",
            file.path(), InputException.quote(name));
      }
      directory.position(directory.position() + length);
    }
  }

  private Entry entry(String name, ByteBuffer header, ByteBuffer extra) {
    long compressed = header.getInt(20) & MAX_UINT;
    long size = header.getInt(24) & MAX_UINT;
    long offset = header.getInt(42) & MAX_UINT;
    ByteBuffer wide = zip64(extra);
    size = size == MAX_UINT ? next(wide) : size; // the order is that of the format
    compressed = compressed == MAX_UINT ? next(wide) : compressed;
    offset = offset == MAX_UINT ? next(wide) : offset;
    return new Entry(
        name,
        header.getShort(8) & 0xffff,
        header.getShort(10) & 0xffff,
        header.getInt(16) & MAX_UINT,
        compressed,
        size,
        offset);
  }

  /** The extra field with the 64-bit sizes; empty if there is none. */
  private ByteBuffer zip64(ByteBuffer extra) {
    while (extra.remaining() >= 4) {
      int id = extra.getShort() & 0xffff;
      int length = extra.getShort() & 0xffff;
      if (length > extra.remaining()) {
        throw damaged();
      }
      if (id == ZIP64_EXTRA) {
        return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
      }
      extra.position(extra.position() + length);
    }
    return ByteBuffer.allocate(0);
  }

  private long next(ByteBuffer wide) {
    long value = wide.remaining() < Long.BYTES ? -1 : wide.getLong();
    if (value < 0) {
      throw damaged();
    }
    return value;
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }

  private InputException damaged() {
    return InputException.of(
        "%s: damaged zip archive: its headers contradict each other", file.path());
  }
}
