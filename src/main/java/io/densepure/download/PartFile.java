package io.densepure.download;

import io.densepure.InputException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A file on its way: {@code NAME.part}, and {@code NAME.part.from} with the address and the
 * validator (ETag, or date of change) of what is in it, without which a later run could not know
 * whether the rest still belongs to it. All failures to write are {@link InputException}s.
 */
final class PartFile implements AutoCloseable {
  private final Path target;
  private final Path part;
  private final Path origin;
  private final FileChannel channel;
  private String from = "";
  private String validator = "";

  private PartFile(Path target, Path part, FileChannel channel) {
    this.target = target;
    this.part = part;
    this.origin = part.resolveSibling(part.getFileName() + ".from");
    this.channel = channel;
  }

  /**
   * Opens what an earlier run left, or an empty file.
   *
   * @throws InputException if it cannot be written, or another process is at it
   */
  static PartFile open(Path target) {
    Path part = pathOf(target);
    try {
      Files.createDirectories(target.toAbsolutePath().getParent());
      FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock(part, channel);
      PartFile file = new PartFile(target, part, channel);
      file.readOrigin();
      return file;
    } catch (IOException e) {
      throw InputException.unwritable(part, e);
    }
  }

  /** Where the beginning of {@code target} is kept. */
  static Path pathOf(Path target) {
    return target.resolveSibling(target.getFileName() + ".part");
  }

  private static void lock(Path part, FileChannel channel) throws IOException {
    try {
      if (channel.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // another thread of this process: the same to the user
    }
    channel.close();
    throw InputException.of("%s: another download of this file is going on", part);
  }

  private void readOrigin() throws IOException {
    List<String> lines = Files.isRegularFile(origin) ? Files.readAllLines(origin) : List.of();
    if (lines.size() == 2) {
      from = lines.get(0);
      validator = lines.get(1);
    }
  }

  Path path() {
    return part;
  }

  long size() {
    try {
      return channel.size();
    } catch (IOException e) {
      throw InputException.unreadable(part, e);
    }
  }

  /** What {@code url} said identifies the content of this part; empty if nothing is known. */
  String validatorAt(URI url) {
    return from.equals(url.toString()) ? validator : "";
  }

  /** Starts from nothing. */
  void restart(URI url, String newValidator) {
    try {
      channel.truncate(0);
      from = url.toString();
      validator = newValidator;
      Files.write(origin, List.of(from, validator));
    } catch (IOException e) {
      throw InputException.unwritable(part, e);
    }
  }

  void append(ByteBuffer bytes) {
    try {
      long at = channel.size();
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw new InputException(
          "%s: cannot be written: %s; what has arrived is kept, and the same command goes on from there"
              .formatted(part, InputException.reason(e)),
          e);
    }
  }

  /** Makes it the target, at once. */
  void finish() {
    try {
      channel.force(true);
      try {
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.deleteIfExists(origin);
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  /** Leaves what has arrived for the next time; nothing if nothing has. */
  @Override
  public void close() {
    try {
      channel.close();
      if (Files.isRegularFile(part) && Files.size(part) == 0) {
        Files.delete(part);
        Files.deleteIfExists(origin);
      }
    } catch (IOException e) {
      throw InputException.unwritable(part, e);
    }
  }
}
