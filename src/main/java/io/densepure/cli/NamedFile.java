package io.densepure.cli;

import io.densepure.certify.CertifiedAccuracy;
import io.densepure.report.FinishedRun;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/**
 * A run on the command line: a file, or {@code label=file} to give it a name of one's own.
 *
 * @param label null if none was given
 * @param file a table of results or a journal
 */
record NamedFile(String label, Path file) {
  /** Labels may have a = of their own, as in "sigma = 0.5=table", and files, too. */
  static final class Converter implements ITypeConverter<NamedFile> {
    @Override
    public NamedFile convert(String text) {
      if (Files.exists(Path.of(text))) {
        return new NamedFile(null, Path.of(text));
      }
      int at = text.indexOf('=');
      while (at > 0 && !Files.exists(Path.of(text.substring(at + 1)))) {
        at = text.indexOf('=', at + 1);
      }
      int split = at > 0 ? at : text.lastIndexOf('=');
      return new NamedFile(
          split > 0 ? text.substring(0, split) : null, Path.of(text.substring(split + 1)));
    }
  }

  /** Its label, or else its file. */
  String name() {
    return label != null ? label : file.toString();
  }

  FinishedRun run() {
    return FinishedRun.of(name(), file);
  }

  /** The label as a positive number, or null if it is none. */
  Integer number() {
    return label != null && label.matches("[1-9]\\d{0,5}") ? Integer.valueOf(label) : null;
  }

  /**
   * @throws io.densepure.InputException naming the file that is missing, empty or no results
   */
  CertifiedAccuracy accuracy() {
    return new CertifiedAccuracy(run().rows());
  }
}
