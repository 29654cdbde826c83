package io.densepure.certify;

import io.densepure.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads a journal line by line, from any place. Does not move the channel's own position. */
final class JournalLines {
  /** No image within the limits of a {@link SamplingPlan} needs a longer line. */
  private static final int MAX_LINE = 1 << 29;

  private final Path file;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).flip();
  private long readTo;

  /**
   * @param start where the line begins in the file
   * @param end where the next one begins
   * @param whole whether the line has its end; the last may be torn
   */
  record Line(String text, long start, long end, boolean whole) {}

  /** Over the lines from {@code start} on, where one begins. */
  JournalLines(Path file, FileChannel channel, long start) {
    this.file = file;
    this.channel = channel;
    this.readTo = start;
  }

  /** The next line, or null at the end. */
  Line next() throws IOException {
    long start = readTo - buffer.remaining();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean whole = false;
    while (!whole && (buffer.hasRemaining() || refill())) {
      whole = takeUpToNewline(line);
      if (line.size() > MAX_LINE) {
        throw InputException.of("%s: is no journal of a run: it has an endless line", file);
      }
    }
    long end = readTo - buffer.remaining();
    return end == start ? null : new Line(line.toString(StandardCharsets.UTF_8), start, end, whole);
  }

  private boolean refill() throws IOException {
    int read = channel.read(buffer.clear(), readTo);
    buffer.flip();
    readTo += Math.max(0, read);
    return read > 0;
  }

  /** Whether the newline was found; it is taken from the buffer, but not into the line. */
  private boolean takeUpToNewline(ByteArrayOutputStream line) {
    int from = buffer.position();
    int at = from;
    while (at < buffer.limit() && buffer.get(at) != '\n') {
      at++;
    }
    line.write(buffer.array(), from, at - from);
    boolean found = at < buffer.limit();
    buffer.position(found ? at + 1 : at);
    return found;
  }
}
