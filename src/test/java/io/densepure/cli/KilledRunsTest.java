package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real processes, killed with SIGKILL again and again at all times of their lives: what comes out
 * in the end is what an undisturbed run writes, to the byte, but for the time that images took.
 */
class KilledRunsTest {
  private static final int KILLS = 50;
  private static final int IMAGES = 16;
  private static final int FILES = 2 + 2 * IMAGES; // table, journal, a pair of vote files an image
  private static final long SEED = Long.getLong("densepure.kill.seed", 20_241_124);

  @TempDir private Path temp;
  private Map<String, String> undisturbed;

  /** What a killed process leaves behind. */
  private enum Found {
    NOTHING_NEW,
    MORE_IMAGES,
    A_ROW_LESS_THAN_THE_JOURNAL_HAS,
    ALL_IMAGES
  }

  /** When the process is killed. */
  private enum When {
    STARTING,
    COMPUTING,
    ENDING;

    static When draw(Random random) {
      int percent = random.nextInt(100);
      return percent < 40 ? STARTING : percent < 85 ? COMPUTING : ENDING;
    }
  }

  private static List<String> command(Path folder) {
    List<String> words = new ArrayList<>(List.of("certify", "--backend", "cpu", "--threads", "1"));
    words.addAll(List.of("--ids", ids(), "--sigma", "0.25", "--n0", "2", "--n", "6"));
    words.addAll(List.of("--one-shot", "--batch", "8", "--out", folder.resolve("run").toString()));
    words.addAll(List.of("--save-votes", "--votes-prefix", folder + "/votes-"));
    return words;
  }

  private static String ids() {
    return String.join(",", IntStream.range(0, IMAGES).mapToObj(String::valueOf).toList());
  }

  @BeforeEach
  void runUndisturbed() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("undisturbed"));
    Cli cli = Cli.run(command(folder).toArray());
    assertEquals(0, cli.exit(), cli.err());
    undisturbed = results(folder);
    assertEquals(FILES - 1, undisturbed.size());
  }

  /** Files by name, as text; of the table all columns but the time; not the journal. */
  private static Map<String, String> results(Path folder) throws IOException {
    Map<String, String> results = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.equals("run_diffpure")) {
          List<String> rows = Files.readAllLines(file);
          rows.replaceAll(row -> row.substring(0, row.lastIndexOf('\t')));
          results.put(name, String.join("\n", rows));
        } else if (!name.endsWith(".jsonl") && !name.endsWith(".err")) {
          results.put(name, HexFormat.of().formatHex(Files.readAllBytes(file)));
        }
      }
    }
    return results;
  }

  @Test
  void killedRunsGiveWhatUndisturbedOnesGive() throws Exception {
    System.out.println("kills: -Ddensepure.kill.seed=" + SEED);
    List<Map<Found, Integer>> found =
        IntStream.range(0, 2).parallel().mapToObj(worker -> killAndResume(worker)).toList();
    Map<Found, Integer> total = new EnumMap<>(Found.class);
    found.forEach(map -> map.forEach((what, count) -> total.merge(what, count, Integer::sum)));
    System.out.println("kills: " + total);
    assertTrue(total.values().stream().mapToInt(Integer::intValue).sum() >= KILLS, total + "");
    for (Found what : Found.values()) {
      assertTrue(total.getOrDefault(what, 0) >= 1, "no kill with " + what + ": " + total);
    }
  }

  /** Half of the kills; runs are begun anew whenever one has reached its end. */
  private Map<Found, Integer> killAndResume(int worker) {
    Map<Found, Integer> found = new EnumMap<>(Found.class);
    Random random = new Random(SEED + worker);
    int kills = 0;
    try {
      for (int round = 0; kills < KILLS / 2; round++) {
        Path folder = Files.createDirectory(temp.resolve(worker + "-" + round));
        boolean ended = false;
        while (!ended) {
          int before = lines(journal(folder));
          boolean enough = kills >= KILLS / 2 || before > IMAGES;
          ended = enough ? runToTheEnd(folder) : !kill(folder, random);
          if (!ended) {
            if (random.nextInt(4) == 0) {
              loseLastRow(folder);
            }
            found.merge(whatIsThere(folder, before), 1, Integer::sum);
            kills++;
          }
        }
        assertEquals(undisturbed, results(folder), "seed " + SEED + ", " + folder.getFileName());
      }
      return found;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * As a kill does between a line of the journal and its row in the table; that moment is too short
   * to be hit by chance on every machine.
   */
  private static void loseLastRow(Path folder) throws IOException {
    Path table = folder.resolve("run_diffpure");
    if (lines(table) > 1) {
      String text = Files.readString(table);
      Files.writeString(table, text.substring(0, text.lastIndexOf('\n', text.length() - 2) + 1));
    }
  }

  private static Path journal(Path folder) {
    return folder.resolve("run_diffpure.run.jsonl");
  }

  private static boolean runToTheEnd(Path folder) throws IOException, InterruptedException {
    try (CliProcess process = CliProcess.start(folder, List.of(), command(folder))) {
      assertEquals(0, process.exit(), process.errors());
      return true;
    }
  }

  /** Whether there was something to kill; if not, the run has ended well. */
  private static boolean kill(Path folder, Random random) throws IOException, InterruptedException {
    Path journal = journal(folder);
    Path table = folder.resolve("run_diffpure");
    int known = Math.max(1, lines(journal));
    When when = When.draw(random);
    int further = 1 + random.nextInt(4);
    int delay = random.nextInt(when == When.STARTING ? 1500 : 12);
    try (CliProcess process = CliProcess.start(folder, List.of(), command(folder))) {
      while (process.isAlive() && !isTime(when, journal, known + further, table)) {
        LockSupport.parkNanos(300_000);
      }
      if (delay > 3) {
        Thread.sleep(delay);
      }
      if (process.isAlive()) {
        process.kill();
        return true;
      }
      assertEquals(0, process.exit(), process.errors());
      return false;
    }
  }

  private static boolean isTime(When when, Path journal, int lines, Path table) throws IOException {
    return switch (when) {
      case STARTING -> true;
      case COMPUTING -> lines(journal) >= lines;
      case ENDING -> lines(table) > IMAGES;
    };
  }

  private static int lines(Path file) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    int lines = 0;
    for (byte b : Files.readAllBytes(file)) {
      lines += b == '\n' ? 1 : 0;
    }
    return lines;
  }

  private static Found whatIsThere(Path folder, int linesBefore) throws IOException {
    int journal = lines(journal(folder));
    int rows = lines(folder.resolve("run_diffpure"));
    if (journal <= Math.max(1, linesBefore)) {
      return Found.NOTHING_NEW;
    }
    if (rows < journal) {
      return Found.A_ROW_LESS_THAN_THE_JOURNAL_HAS; // both have a header
    }
    return journal > IMAGES ? Found.ALL_IMAGES : Found.MORE_IMAGES;
  }
}
