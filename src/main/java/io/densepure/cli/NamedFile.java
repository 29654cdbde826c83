package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.ResultRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ITypeConverter;

/**
 * A run on the command line: a file, or {@code label=file} to give it a name of one's own.
 *
 * @param label in tables, legends and pages; the file itself if none was given
 */
record NamedFile(String label, Path file) {
  /** Takes a file whose own name has a = as it is. */
  static final class Converter implements ITypeConverter<NamedFile> {
    @Override
    public NamedFile convert(String text) {
      int at = text.indexOf('=');
      if (at < 1 || Files.exists(Path.of(text))) {
        return new NamedFile(text, Path.of(text));
      }
      return new NamedFile(text.substring(0, at), Path.of(text.substring(at + 1)));
    }
  }

  /**
   * The rows of a table of results; there is at least one.
   *
   * @throws InputException naming the file that is missing, empty or no such table
   */
  List<ResultRow> rows() {
    List<ResultRow> rows = ResultRow.read(file);
    if (rows.isEmpty()) {
      throw InputException.of("%s: has no results yet", file);
    }
    return rows;
  }
}
