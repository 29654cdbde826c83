package io.densepure.certify;

import io.densepure.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file of lines that only grows. A line is on the disk when {@link #append} returns; one that
 * cannot be written whole is taken back.
 */
final class AppendLog implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private long length;

  /** Takes over the channel. Nothing is written or dropped before {@link #startAt}. */
  AppendLog(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens the file, or makes an empty one, for this process alone. The lock would be lost if this
   * process opened and closed the file once more: read it through {@link #channel}.
   *
   * @throws InputException if it cannot be written, or another run has it open
   */
  static AppendLog open(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!lock(channel)) {
        channel.close();
        throw InputException.of("%s: another run is writing to it; wait for it to end", file);
      }
      return new AppendLog(file, channel);
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  FileChannel channel() {
    return channel;
  }

  /** Goes on after the first {@code bytes} bytes; what lies beyond is dropped. */
  void startAt(long bytes) {
    try {
      length = bytes;
      channel.truncate(bytes).position(bytes);
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    }
  }

  /**
   * Adds a line and forces it to the disk.
   *
   * @param line without its end
   * @throws InputException if that fails, for one because the disk is full; all earlier lines stay
   */
  void append(String line) {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    int size = bytes.remaining();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
      length += size;
    } catch (IOException e) {
      takeBack();
      throw new InputException(
          file
              + ": cannot be written: "
              + InputException.reason(e)
              + "; what was saved before is kept: make room and run the same command again",
          e);
    }
  }

  private void takeBack() {
    try {
      channel.truncate(length).position(length);
    } catch (IOException e) {
      // Then a torn line stays at the end, which readers leave out.
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new InputException(file + ": cannot be closed: " + InputException.reason(e), e);
    }
  }
}
