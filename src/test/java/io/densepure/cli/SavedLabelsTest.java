package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.Lane;
import io.densepure.certify.ResultRow;
import io.densepure.certify.RunJournal;
import io.densepure.certify.RunRecord;
import io.densepure.certify.VoteBoard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that was killed within an image goes on from the labels that it had saved of it. */
class SavedLabelsTest {
  private static final int LANES = (3 + 10) * 2; // of an image
  private static final String JOURNAL = "run_diffpure.run.jsonl";

  @TempDir private Path temp;

  private static Cli certify(Path folder, Object... more) {
    List<Object> words = new ArrayList<>(List.of("certify", "--backend", "cpu", "--sigma", "1.0"));
    words.addAll(List.of("--ids", "1,4", "--n0", 3, "--n", 10, "--steps", 2, "--votes", 2));
    words.addAll(List.of("--threads", 1, "--batch", 8, "--out", folder.resolve("run")));
    words.addAll(List.of(more));
    Cli cli = Cli.run(words.toArray());
    assertEquals(0, cli.exit(), cli.err());
    return cli;
  }

  private static Object[] saving(Path folder) {
    return new Object[] {"--save-votes", "--votes-prefix", folder + "/votes-"};
  }

  private static List<String> rows(Path folder) {
    return ResultRow.read(folder.resolve("run_diffpure")).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  /** The journal as a kill leaves it: the first labels of image 1 saved, and no image finished. */
  private static void saveFirstLabels(Path complete, Path journal, int lanes) throws IOException {
    Files.createDirectories(journal.getParent());
    try (RunRecord record = RunRecord.open(complete);
        RunJournal killed = RunJournal.open(journal, record.header())) {
      VoteBoard all = record.votes(1);
      VoteBoard board = killed.board(1);
      List<Lane> saved = new ArrayList<>();
      for (int position = 0; position < lanes; position++) {
        board.set(position, all.label(position));
        saved.add(board.plan().lane(1, position));
      }
      killed.lanesDone(saved);
    }
    String text = Files.readString(journal);
    assertTrue(text.contains("\"type\":\"lanes\"") && !text.contains("\"type\":\"image\""), text);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 9, LANES})
  void savedLanesAreNotComputedAgain(int saved) throws IOException {
    Path undisturbed = temp.resolve("undisturbed");
    Cli first = certify(undisturbed, saving(undisturbed));
    assertFalse(first.err().contains("earlier run"), first.err());
    Path folder = temp.resolve("killed");
    saveFirstLabels(undisturbed.resolve(JOURNAL), folder.resolve(JOURNAL), saved);

    Cli cli = certify(folder, saving(folder));
    String goingOn = "0 images are done, and %d lanes of others (".formatted(saved);
    assertTrue(cli.err().contains(goingOn), cli.err());
    String computed = "Computed %d lanes; %d were saved".formatted(2 * LANES - saved, saved);
    assertTrue(cli.err().contains(computed), cli.err());
    assertEquals(rows(undisturbed), rows(folder));
    try (Stream<Path> files = Files.list(undisturbed)) {
      List<Path> votes = files.filter(file -> file.toString().endsWith(".npy")).toList();
      assertEquals(2 * 2 * 2, votes.size());
      for (Path file : votes) {
        assertEquals(-1, Files.mismatch(file, folder.resolve(file.getFileName())), "" + file);
      }
    }
  }

  @Test
  void savedLanesAreNotTakenForVotesThatWereLeftOut() throws IOException {
    Path undisturbed = temp.resolve("undisturbed");
    certify(undisturbed);
    Path folder = temp.resolve("killed");
    saveFirstLabels(undisturbed.resolve(JOURNAL), folder.resolve(JOURNAL), 2);
    Cli cli = certify(folder);
    assertTrue(cli.err().contains("; 2 were saved by an earlier run"), cli.err());
    assertFalse(cli.err().contains("could not change a result"), cli.err());
    assertEquals(rows(undisturbed), rows(folder));
  }
}
