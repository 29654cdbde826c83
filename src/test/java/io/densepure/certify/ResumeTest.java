package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.Lane.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run of many images that dies and is taken up again gives what an undisturbed run gives. */
class ResumeTest {
  private static final SamplingPlan PLAN = new SamplingPlan(5, 16, 3); // 63 lanes an image
  private static final List<Integer> IMAGES = List.of(60, 0, 20, 40);
  private static final int BATCH = 16;
  private static final int BATCHES = (63 * 4 + BATCH - 1) / BATCH;

  @TempDir Path temp;
  private Map<String, String> undisturbed;

  @BeforeEach
  void runUndisturbed() throws IOException {
    Path folder = temp.resolve("undisturbed");
    assertTrue(run(folder, new HashClassifier(BATCH), Duration.ZERO));
    undisturbed = results(folder);
    assertTrue(undisturbed.get("table").contains("true"), "some image is certified");
    assertEquals(1 + 4 * 3 * 2, undisturbed.size()); // a table, a pair of files per image and seed
  }

  private static boolean run(Path folder, LaneClassifier device, Duration saveEvery) {
    return run(folder, List.of(device), saveEvery);
  }

  private static boolean run(Path folder, List<LaneClassifier> devices, Duration saveEvery) {
    RunHeader header = JournalFixture.header(PLAN);
    VoteSaving votes =
        VoteSaving.each(new VoteFiles(folder.resolve("npy") + "/0.25-"), List.of(0L, 1L, 2L));
    try (RunJournal journal =
            RunJournal.open(folder.resolve("run.jsonl"), header, saveEvery, System::nanoTime);
        ResultFiles files = new ResultFiles(folder.resolve("table"), votes)) {
      ResultRecorder recorder =
          new ResultRecorder(
              journal,
              new Workload(IMAGES, PLAN, null),
              new VoteCertifier(0.25, 0.3)::certify,
              image -> image % 5,
              files);
      return new LaneScheduler(devices, VotePolicy.EXHAUSTIVE)
          .run(recorder.remaining(), journal::board, recorder);
    }
  }

  /** The result files by name; the table without its times, which are no run's twice. */
  private static Map<String, String> results(Path folder) throws IOException {
    Map<String, String> results = new HashMap<>();
    List<String> table = new ArrayList<>();
    for (ResultRow row : ResultRow.read(folder.resolve("table"))) {
      table.add(row.idx() + " " + row.predict() + " " + row.radius() + " " + row.correct());
    }
    results.put("table", table.toString());
    try (Stream<Path> files = Files.list(folder.resolve("npy"))) {
      for (Path file : files.toList()) {
        results.put(file.getFileName().toString(), Arrays.toString(Files.readAllBytes(file)));
      }
    }
    return results;
  }

  @Test
  void resultsAreThoseOfTheLanes() {
    Path folder = temp.resolve("undisturbed");
    VoteFiles votes = new VoteFiles(folder.resolve("npy") + "/0.25-");
    for (int image : IMAGES) {
      for (int vote = 0; vote < 3; vote++) {
        long[] labels = votes.read(image, vote, Phase.ESTIMATION, 16, HashClassifier.CLASSES);
        long[] expected = new long[16];
        for (int sample = 0; sample < 16; sample++) {
          expected[sample] = HashClassifier.label(new Lane(image, Phase.ESTIMATION, sample, vote));
        }
        assertArrayEquals(expected, labels);
      }
    }
  }

  @Test
  void crashAtAnyBatchChangesNothingAndLosesNoSavedLane() throws IOException {
    for (int batch = 0; batch < BATCHES; batch++) {
      Path folder = temp.resolve("crash" + batch);
      HashClassifier dying = new HashClassifier(BATCH, batch);
      assertThrows(HashClassifier.Crash.class, () -> run(folder, dying, Duration.ZERO));
      HashClassifier second = new HashClassifier(BATCH);
      assertTrue(run(folder, second, Duration.ZERO));
      assertEquals(undisturbed, results(folder), "after " + batch + " batches");
      assertNoLaneTwice(dying, second);
    }
  }

  private static void assertNoLaneTwice(HashClassifier... devices) {
    Set<Lane> seen = new HashSet<>();
    int lanes = 0;
    for (HashClassifier device : devices) {
      for (List<Lane> batch : device.batches) {
        seen.addAll(batch);
        lanes += batch.size();
      }
    }
    assertEquals(IMAGES.size() * PLAN.lanes(), lanes);
    assertEquals(lanes, seen.size());
  }

  /** Cut the journal at every line and in the middle of every line, as a power failure would. */
  @Test
  void journalCutAnywhereChangesNothing() throws IOException {
    List<String> lines = Files.readAllLines(temp.resolve("undisturbed").resolve("run.jsonl"));
    assertTrue(lines.size() > BATCHES, "a line per batch");
    for (int line = 0; line < lines.size(); line++) {
      Path folder = temp.resolve("cut" + line);
      Files.createDirectories(folder);
      String kept = String.join("\n", lines.subList(0, line)) + (line == 0 ? "" : "\n");
      String torn = line % 2 == 0 ? "" : lines.get(line).substring(0, lines.get(line).length() / 2);
      Files.writeString(folder.resolve("run.jsonl"), kept + torn);
      assertTrue(run(folder, new HashClassifier(BATCH), Duration.ofHours(1)));
      Map<String, String> results = results(folder);
      assertEquals(undisturbed.get("table"), results.get("table"), "cut at line " + line);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 64, 1000})
  void runMayContinueWithAnotherBatchSize(int batchSize) throws IOException {
    Path folder = temp.resolve("other");
    HashClassifier dying = new HashClassifier(BATCH, 9);
    assertThrows(HashClassifier.Crash.class, () -> run(folder, dying, Duration.ZERO));
    HashClassifier second = new HashClassifier(batchSize);
    assertTrue(run(folder, second, Duration.ZERO));
    assertEquals(undisturbed, results(folder));
    assertNoLaneTwice(dying, second);
  }

  @Test
  void runOfSeveralDevicesMayDieAndContinue() throws IOException {
    for (int batch = 0; batch < 8; batch++) {
      Path folder = temp.resolve("devices" + batch);
      List<LaneClassifier> dying =
          List.of(new HashClassifier(7, batch), new HashClassifier(11, batch + 1));
      assertThrows(HashClassifier.Crash.class, () -> run(folder, dying, Duration.ZERO));
      assertTrue(run(folder, List.of(new HashClassifier(4), new HashClassifier(9)), Duration.ZERO));
      assertEquals(undisturbed, results(folder));
    }
  }

  @Test
  void finishedRunHasNothingLeftToDo() throws IOException {
    Path folder = temp.resolve("undisturbed");
    HashClassifier again = new HashClassifier(BATCH);
    assertTrue(run(folder, again, Duration.ZERO));
    assertEquals(undisturbed, results(folder));
    assertEquals(0, again.batches.size());
  }

  @Test
  void missingAndDamagedVoteFilesOfFinishedImagesAreWrittenAgain() throws IOException {
    Path folder = temp.resolve("undisturbed");
    VoteFiles votes = new VoteFiles(folder.resolve("npy") + "/0.25-");
    Files.delete(votes.path(60, 1, Phase.ESTIMATION));
    Files.writeString(votes.path(20, 2, Phase.SELECTION), "damaged");
    HashClassifier again = new HashClassifier(BATCH);
    assertTrue(run(folder, again, Duration.ZERO));
    assertEquals(undisturbed, results(folder));
    assertEquals(0, again.batches.size());
  }

  @Test
  void chunksOfAFinishedImageAreForgotten() {
    try (RunRecord record = RunRecord.open(temp.resolve("undisturbed").resolve("run.jsonl"))) {
      assertEquals(4, record.images().size());
      assertNull(record.takeUnfinished(60));
    }
  }

  @Test
  void timeOfEarlierRunsCounts() {
    Path folder = temp.resolve("timed");
    assertThrows(
        HashClassifier.Crash.class, () -> run(folder, new HashClassifier(BATCH, 3), Duration.ZERO));
    try (RunRecord record = RunRecord.open(folder.resolve("run.jsonl"))) {
      VoteBoard board = record.takeUnfinished(60);
      assertEquals(3 * BATCH, board.known());
      assertFalse(board.isComplete());
      assertTrue(board.seconds() > 0);
    }
  }
}
