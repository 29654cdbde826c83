package io.densepure.cli;

import io.densepure.InputException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/**
 * Both output streams of a command, whose lines may go to a file, too, as the original's {@code
 * utils.Logger} has it. A file that is there is added to: a run that goes on keeps its history.
 */
final class RunLog implements AutoCloseable {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private final PrintStream out;
  private final PrintStream err;
  private final OutputStream file; // null: none

  private RunLog(PrintStream out, PrintStream err, OutputStream file) {
    this.out = out;
    this.err = err;
    this.file = file;
  }

  /** Only the streams themselves. */
  static RunLog none() {
    return new RunLog(System.out, System.err, null);
  }

  /**
   * @param path null for no file
   * @param title the first line
   * @throws InputException naming the file if it cannot be written
   */
  static RunLog open(Path path, String title) {
    if (path == null) {
      return none();
    }
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      OutputStream file =
          Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      String line = "[%s] %s%n".formatted(LocalDateTime.now().format(TIME), title);
      file.write(line.getBytes(StandardCharsets.UTF_8));
      return new RunLog(both(System.out, file), both(System.err, file), file);
    } catch (IOException e) {
      throw InputException.unwritable(path, e);
    }
  }

  /** For results. */
  PrintStream out() {
    return out;
  }

  /** For all else. */
  PrintStream err() {
    return err;
  }

  private static PrintStream both(PrintStream screen, OutputStream file) {
    OutputStream tee =
        new FilterOutputStream(screen) {
          @Override
          public void write(byte[] bytes, int from, int length) throws IOException {
            screen.write(bytes, from, length);
            file.write(bytes, from, length);
          }

          @Override
          public void write(int b) throws IOException {
            screen.write(b);
            file.write(b);
          }
        };
    return new PrintStream(tee, true, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      throw new InputException("the log cannot be closed: " + InputException.reason(e), e);
    }
  }
}
