package io.densepure.report;

import io.densepure.InputException;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.ResultRow;
import io.densepure.certify.RunRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A run as its files tell it: a table of results, of this program or the original, with or without
 * its journal beside it; or the journal alone.
 *
 * @param name in legends, tables and pages
 * @param table null if there is only a journal
 * @param journal null if there is only a table
 */
public record FinishedRun(String name, Path table, Path journal) {
  private static final String JOURNAL = ".run.jsonl";
  private static final String PICTURES = ".pictures";

  /**
   * @param file a table, or a journal by its extension
   */
  public static FinishedRun of(String name, Path file) {
    String text = file.toString();
    if (text.endsWith(JOURNAL)) {
      return new FinishedRun(name, null, file);
    }
    Path journal = Path.of(text + JOURNAL);
    return new FinishedRun(name, file, Files.isRegularFile(journal) ? journal : null);
  }

  /** What was given: the table, or else the journal. */
  public Path file() {
    return table != null ? table : journal;
  }

  /** Where {@code certify --pictures} puts the pictures of this run. */
  public Path pictures() {
    return pictures(table != null ? table : Path.of(journal.toString().replace(JOURNAL, "")));
  }

  /** The folder of pictures of the run that writes {@code table}. */
  public static Path pictures(Path table) {
    return table.resolveSibling(table.getFileName() + PICTURES);
  }

  /**
   * The results; there is at least one.
   *
   * @throws InputException naming the file that is missing, empty or neither table nor journal
   */
  public List<ResultRow> rows() {
    List<ResultRow> rows = table != null ? ResultRow.read(table) : rowsOfJournal();
    if (rows.isEmpty()) {
      throw InputException.of("%s: has no results yet", file());
    }
    return rows;
  }

  private List<ResultRow> rowsOfJournal() {
    try (RunRecord record = open()) {
      return record.images().stream().map(CertifiedImage::row).toList();
    }
  }

  /**
   * The journal; to be closed.
   *
   * @throws InputException naming what is missing
   */
  public RunRecord open() {
    if (journal == null) {
      throw InputException.of("%s: there is no journal (%s%s) beside it", table, table, JOURNAL);
    }
    return RunRecord.open(journal);
  }

  /** How the run denoised, as far as its journal tells. */
  public RunMethod method() {
    if (journal == null) {
      return RunMethod.UNKNOWN;
    }
    try (RunRecord record = open()) {
      return RunMethod.of(record.header());
    }
  }
}
