package io.densepure.fuzz;

import com.sun.management.ThreadMXBean;
import io.densepure.InputException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What must hold of every parser, whatever the bytes: it ends, soon, in a result or in an {@link
 * InputException} of one line that is safe to print; it allocates in proportion to what it was
 * given; and it leaves nothing beside its folder.
 */
final class Oracle {
  /** For what a parser allocates whatever it reads: tables, buffers, the decoder's state. */
  private static final long FREE_BYTES = 96L << 20;

  /** Objects are larger than the bytes that describe them: a pickle's opcode makes a list. */
  private static final long BYTES_PER_BYTE = 1024;

  /** CPU time: a busy machine must not look like a slow parser. */
  private static final long MAX_NANOS = 10_000_000_000L;

  private static final int MAX_MESSAGE = 2000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Path parent;

  /**
   * @param parent where each input gets a folder of its own
   */
  Oracle(Path parent) {
    this.parent = parent;
  }

  /**
   * @throws AssertionError if the parser misbehaves; anything else that comes out of it, too, is an
   *     error of the parser
   */
  void check(FuzzTarget target, byte[] input) throws IOException {
    long limit = FREE_BYTES + BYTES_PER_BYTE * input.length;
    Cost cost = read(target, input);
    if (cost.bytes > limit || cost.nanos > MAX_NANOS) {
      cost = read(target, input); // the first time, classes were loaded
    }
    require(cost.bytes <= limit, "allocates " + cost.bytes + " bytes for " + input.length);
    require(cost.nanos <= MAX_NANOS, "takes " + cost.nanos / 1_000_000 + " ms");
  }

  private record Cost(long bytes, long nanos) {}

  private Cost read(FuzzTarget target, byte[] input) throws IOException {
    Path folder = Files.createDirectory(parent.resolve("input"));
    long thread = Thread.currentThread().getId();
    long allocated = THREADS.getThreadAllocatedBytes(thread);
    long started = THREADS.getCurrentThreadCpuTime();
    try {
      target.read(input, folder);
    } catch (InputException e) {
      checkMessage(e.getMessage());
    }
    Cost cost =
        new Cost(
            THREADS.getThreadAllocatedBytes(thread) - allocated,
            THREADS.getCurrentThreadCpuTime() - started);
    requireOnlyFolder();
    delete(folder);
    return cost;
  }

  private static void checkMessage(String message) {
    require(message.length() <= MAX_MESSAGE, "a message of " + message.length() + " characters");
    require(
        message.chars().noneMatch(Character::isISOControl),
        "a message with control characters: " + InputException.quote(message));
  }

  private void requireOnlyFolder() throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      List<Path> all = files.toList();
      require(all.size() == 1, "writes outside its folder: " + all);
    }
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  /** A folder with all that is in it; links are not followed. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    }
  }
}
