package io.densepure.certify;

import io.densepure.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The original's result files: the table with a line per image, at once on the disk, and if wanted
 * the vote files, a pair per image and reverse seed.
 */
public final class ResultFiles implements AutoCloseable {
  private final Path table;
  private final VoteSaving votes;
  private AppendLog rows;

  /**
   * @param table the tab-separated file
   * @param votes null if votes are not to be saved
   */
  public ResultFiles(Path table, VoteSaving votes) {
    this.table = table;
    this.votes = votes;
  }

  /**
   * Begins the table with the images that are known; an earlier run's table is replaced at once, so
   * that it never has fewer lines than before.
   *
   * @throws InputException naming the file if it cannot be written
   */
  void begin(List<CertifiedImage> known) {
    StringBuilder text = new StringBuilder(ResultRow.HEADER_WITH_TIME).append('\n');
    known.forEach(image -> text.append(image.row().toTsv()).append('\n'));
    AtomicFile.write(table, to -> Files.writeString(to, text));
    rows = AppendLog.open(table);
    rows.startAt(length());
  }

  private long length() {
    try {
      return Files.size(table);
    } catch (IOException e) {
      throw InputException.unreadable(table, e);
    }
  }

  /** Adds the image's line to the table: whole, or not at all if the disk is full. */
  void addRow(CertifiedImage image) {
    rows.append(image.row().toTsv());
  }

  /** Writes the image's vote files, if votes are to be saved and they are not there already. */
  void saveVotes(VoteBoard board) {
    if (votes != null) {
      votes.save(board);
    }
  }

  /** Whether vote files are wanted. */
  boolean savesVotes() {
    return votes != null;
  }

  @Override
  public void close() {
    if (rows != null) {
      rows.close();
    }
  }
}
