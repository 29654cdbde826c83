package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.certify.Lane.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResultFilesTest {
  @TempDir Path temp;

  private static final CertifiedImage RIGHT =
      new CertifiedImage(20, 3, new Certificate(3, 0.539, 0.9, 95, 100), 61.5);
  private static final CertifiedImage ABSTAINED =
      new CertifiedImage(40, 7, new Certificate(Certificate.ABSTAIN, 0, 0.4, 50, 100), 90_000);

  @Test
  void tableIsTheOriginalsAndGrowsLineByLine() throws IOException {
    Path table = temp.resolve("results").resolve("cifar10-sigma");
    try (ResultFiles files = new ResultFiles(table, null)) {
      files.begin(List.of());
      files.addRow(RIGHT);
      assertEquals(2, Files.readAllLines(table).size()); // before the file is closed
      files.addRow(ABSTAINED);
    }
    assertEquals(
        "idx\tlabel\tpredict\tradius\tcorrect\ttime\n"
            + "20\t3\t3\t0.539\t1\t0:01:01.500000\n"
            + "40\t7\t-1\t0.0\t0\t1 day, 1:00:00\n",
        Files.readString(table));
  }

  /** Nobody who looks at the table while a run is taken up again sees fewer lines than before. */
  @Test
  void tableBeginsWithWhatIsKnown() throws IOException {
    Path table = Files.writeString(temp.resolve("table"), "of an earlier run");
    try (ResultFiles files = new ResultFiles(table, null)) {
      assertEquals("of an earlier run", Files.readString(table));
      files.begin(List.of(RIGHT));
      assertEquals(List.of(RIGHT.row()), ResultRow.read(table));
      files.addRow(ABSTAINED);
    }
    assertEquals(List.of(RIGHT.row(), ABSTAINED.row()), ResultRow.read(table));
  }

  @Test
  void voteFilesThatAreThereAreLeftAloneAndOthersReplaced() throws IOException {
    VoteBoard board = new VoteBoard(3, new SamplingPlan(2, 4, 1), 10);
    for (int lane = 0; lane < 6; lane++) {
      board.set(lane, lane);
    }
    VoteFiles votes = new VoteFiles(temp + "/v-");
    VoteSaving.each(votes, List.of(7L)).save(board);
    Path file = votes.path(3, 7, Phase.ESTIMATION);
    byte[] right = Files.readAllBytes(file);
    FileTime longAgo = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(file, longAgo);
    VoteSaving.each(votes, List.of(7L)).save(board);
    assertEquals(longAgo, Files.getLastModifiedTime(file));
    for (String other : List.of("", "no votes")) {
      Files.writeString(file, other);
      VoteSaving.each(votes, List.of(7L)).save(board);
      assertArrayEquals(right, Files.readAllBytes(file));
    }
    board.set(5, 9);
    VoteSaving.each(votes, List.of(7L)).save(board);
    assertArrayEquals(new long[] {2, 3, 4, 9}, votes.read(3, 7, Phase.ESTIMATION, 4, 10));
  }

  @Test
  void tablesOfTheOriginalAreReadAndPrintedBackToTheByte() throws IOException {
    int tables = 0;
    try (Stream<Path> files = Files.walk(StatsReference.FOLDER)) {
      for (Path file : files.filter(ResultFilesTest::isTable).toList()) {
        List<ResultRow> rows = ResultRow.read(file);
        boolean timed = rows.get(0).time() != null;
        StringBuilder text =
            new StringBuilder(timed ? ResultRow.HEADER_WITH_TIME : ResultRow.HEADER).append("\n");
        rows.forEach(row -> text.append(row.toTsv()).append("\n"));
        assertEquals(Files.readString(file), text.toString());
        tables++;
      }
    }
    assertEquals(14, tables);
  }

  private static boolean isTable(Path file) {
    String name = file.getFileName().toString();
    return name.contains("-steps-") || name.endsWith("merge_results.txt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "something else\n",
        "idx\tlabel\tpredict\tradius\tcorrect\n1\t2\t3\t0.5\n",
        "idx\tlabel\tpredict\tradius\tcorrect\n1\t2\t3\tx\t1\n",
        "idx\tlabel\tpredict\tradius\tcorrect\n1\t2\t3\t0.5\t2\n",
        "idx\tlabel\tpredict\tradius\tcorrect\n1.5\t2\t3\t0.5\t1\n",
        "idx\tlabel\tpredict\tradius\tcorrect\n1\t2\t3\t0.5\t1\t0:00:01\tmore\n"
      })
  void damagedTablesAreRefusedByName(String text) throws IOException {
    Path table = Files.writeString(temp.resolve("table.tsv"), text);
    InputException e = assertThrows(InputException.class, () -> ResultRow.read(table));
    assertTrue(e.getMessage().contains("table.tsv"), e.getMessage());
  }

  @Test
  void tableThatIsNoTextIsRefused() throws IOException {
    Path table = Files.write(temp.resolve("table.tsv"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThrows(InputException.class, () -> ResultRow.read(table));
    assertThrows(InputException.class, () -> ResultRow.read(temp.resolve("absent")));
  }

  @Test
  void voteFilesHaveTheOriginalsNamesAndBytes() throws IOException {
    Path original = StatsReference.FOLDER.resolve("merge_ties/exp/cifar10");
    VoteFiles theirs = new VoteFiles(original + "/0.5-");
    VoteFiles ours = new VoteFiles(temp.resolve("exp") + "/0.5-");
    VoteBoard board = new VoteBoard(3, new SamplingPlan(10, 200, 4), 10);
    for (int vote = 0; vote < 4; vote++) {
      for (Phase phase : Phase.values()) {
        long[] labels = theirs.read(3, vote, phase, board.plan().samples(phase), 10);
        for (int sample = 0; sample < labels.length; sample++) {
          board.set(board.plan().position(phase, sample) + vote, (int) labels[sample]);
        }
      }
    }
    try (ResultFiles files =
        new ResultFiles(temp.resolve("table"), VoteSaving.each(ours, List.of(0L, 1L, 2L, 3L)))) {
      files.saveVotes(board);
    }
    try (Stream<Path> written = Files.list(temp.resolve("exp"))) {
      List<Path> files = written.toList();
      assertEquals(8, files.size(), files.toString()); // and no temporary files
      for (Path file : files) {
        assertArrayEquals(
            Files.readAllBytes(original.resolve(file.getFileName())), Files.readAllBytes(file));
      }
    }
  }

  @Test
  void voteFilesThatDoNotFitAreRefusedByName() {
    VoteFiles files = new VoteFiles(StatsReference.FOLDER + "/merge_ties/exp/cifar10/0.5-");
    assertEquals(10, files.read(3, 0, Phase.SELECTION, 10, 10).length);
    assertRefused(() -> files.read(3, 0, Phase.SELECTION, 11, 10), "3-0-n0_predictions.npy");
    assertRefused(() -> files.read(3, 0, Phase.ESTIMATION, 200, 1), "there are 1 classes");
    assertRefused(() -> files.read(99, 0, Phase.ESTIMATION, 200, 10), "99-0-n_predictions.npy");
  }

  private static void assertRefused(Runnable read, String reason) {
    InputException e = assertThrows(InputException.class, read::run);
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  /** A prefix can come out of a shard's journal. */
  @Test
  void aNameThatNoFileCanHaveIsRefused() {
    InputException e =
        assertThrows(InputException.class, () -> new VoteFiles("a\0b").path(0, 0, Phase.SELECTION));
    assertTrue(e.getMessage().startsWith("'a\\u0000b0-0-n0_predictions.npy': no file"));
  }

  @Test
  void filesThatCannotBeWrittenAreNamed() throws IOException {
    Path blocked = Files.writeString(temp.resolve("file"), "in the way");
    ResultFiles files = new ResultFiles(blocked.resolve("table"), null);
    assertRefused(() -> files.begin(List.of()), "table");
    VoteBoard board = new VoteBoard(3, new SamplingPlan(1, 1, 1), 10);
    VoteFiles votes = new VoteFiles(blocked + "/0.5-");
    assertRefused(
        () -> VoteSaving.each(votes, List.of(0L)).save(board), "0.5-3-0-n0_predictions.npy");
  }
}
