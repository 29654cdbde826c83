package io.densepure.certify;

import io.densepure.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a file so that it is there whole or not at all. */
final class AtomicFile {
  /** Writes the content to the path it is given. */
  interface Content {
    void writeTo(Path path) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Replaces {@code file}; makes its folder if need be.
   *
   * @throws InputException naming the file if it cannot be written; the old one is then untouched
   */
  static void write(Path file, Content content) {
    Path folder = file.toAbsolutePath().getParent();
    Path temporary = folder.resolve("." + file.getFileName() + ".part");
    try {
      Files.createDirectories(folder);
      content.writeTo(temporary);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    } finally {
      temporary.toFile().delete(); // there only if something failed
    }
  }
}
