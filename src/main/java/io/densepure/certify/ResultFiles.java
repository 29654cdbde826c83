package io.densepure.certify;

import io.densepure.InputException;
import java.io.BufferedWriter;
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
  private final BufferedWriter out;
  private final VoteFiles voteFiles;
  private final List<Long> reverseSeeds;

  /**
   * Begins the table anew.
   *
   * @param table the tab-separated file
   * @param voteFiles null if votes are not to be saved
   * @param reverseSeeds the seed of each vote
   * @throws InputException naming the file if it cannot be written
   */
  public ResultFiles(Path table, VoteFiles voteFiles, List<Long> reverseSeeds) {
    this.table = table;
    this.voteFiles = voteFiles;
    this.reverseSeeds = List.copyOf(reverseSeeds);
    try {
      Files.createDirectories(table.toAbsolutePath().getParent());
      out = Files.newBufferedWriter(table);
    } catch (IOException e) {
      throw InputException.unwritable(table, e);
    }
    line(ResultRow.HEADER_WITH_TIME);
  }

  /** Adds the image's line to the table. */
  public void addRow(CertifiedImage image) {
    line(image.row().toTsv());
  }

  /** Writes the image's vote files, if votes are to be saved. */
  public void saveVotes(VoteBoard board) {
    if (voteFiles != null) {
      for (int vote = 0; vote < reverseSeeds.size(); vote++) {
        voteFiles.write(board, vote, reverseSeeds.get(vote));
      }
    }
  }

  private void line(String text) {
    try {
      out.write(text);
      out.write('\n');
      out.flush();
    } catch (IOException e) {
      throw InputException.unwritable(table, e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw InputException.unwritable(table, e);
    }
  }
}
