package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.data.Npy;
import io.densepure.pipeline.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A command gives one result: the same vote files to the byte, the same tables but for the time,
 * whatever the number of threads (and so of batches in progress), the votes left out and the
 * interruptions.
 */
class DeterminismTest {
  private static final List<String> IDS = List.of("1", "4", "7");

  @TempDir private Path temp;

  private List<Object> command(Path folder, Object... how) {
    List<Object> words = new ArrayList<>(List.of("certify", "--backend", "cpu", "--sigma", "1.0"));
    words.addAll(List.of("--ids", String.join(",", IDS), "--n0", 3, "--n", 12, "--mode", "both"));
    words.addAll(List.of("--steps", 2, "--votes", 3, "--out", folder.resolve("run"), "--alpha"));
    words.addAll(List.of(0.1, "--save-votes", "--votes-prefix", folder + "/votes-"));
    words.addAll(Arrays.asList(how));
    return words;
  }

  private Map<String, String> results(String name, Object... how) throws IOException {
    Path folder = temp.resolve(name);
    Cli cli = Cli.run(command(folder, how).toArray());
    assertEquals(0, cli.exit(), cli.err());
    return results(folder);
  }

  /** Files by name: vote files as hexadecimal bytes, tables without the column of times. */
  private static Map<String, String> results(Path folder) throws IOException {
    Map<String, String> results = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".npy")) {
          results.put(name, HexFormat.of().formatHex(Files.readAllBytes(file)));
        } else if (!name.endsWith(".jsonl")) {
          List<String> rows = Files.readAllLines(file);
          rows.replaceAll(row -> row.substring(0, row.lastIndexOf('\t')));
          results.put(name, String.join("\n", rows));
        }
      }
    }
    assertEquals(2 + IDS.size() * 3 * 2, results.size(), "two tables, a pair an image and vote");
    assertTrue(Set.copyOf(results.values()).size() > IDS.size(), "images and votes differ");
    assertNotEquals(results.get("run"), results.get("run_diffpure"));
    return results;
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void threadsChangeNothing(DType dtype) throws IOException {
    try (Device cpu = Backends.open("cpu", 1)) {
      assumeTrue(cpu.supports(dtype), "SKIPPED: this processor has no fast " + dtype.label());
    }
    Object[] how = {"--dtype", dtype.label(), "--threads"};
    Map<String, String> one = results("one", with(how, 1));
    for (int threads : new int[] {2, 3, 7}) {
      assertEquals(one, results("t" + threads, with(how, threads)), threads + " threads");
    }
  }

  private static Object[] with(Object[] how, Object last) {
    return Stream.concat(Stream.of(how), Stream.of(last)).toArray();
  }

  /** Which votes are left out depends on what has come in, but never what a cast one says. */
  @Test
  void votesThatAreLeftOutChangeNoRowAndNoOtherVote() throws IOException {
    Map<String, String> all = results("all");
    for (int threads : new int[] {1, 3}) {
      Path folder = temp.resolve("early-" + threads);
      Map<String, String> early =
          results(folder.getFileName() + "", "--early-votes", "--threads", threads);
      assertEquals(all.keySet(), early.keySet());
      int leftOut = 0;
      for (String name : all.keySet()) {
        if (name.endsWith(".npy")) {
          leftOut += assertCastVotesAre(temp.resolve("all").resolve(name), folder.resolve(name));
        } else {
          assertEquals(all.get(name), early.get(name), name);
        }
      }
      assertTrue(leftOut > 0, "votes were left out");
    }
  }

  private static int assertCastVotesAre(Path expected, Path early) {
    long[] all = Npy.readLongs(expected);
    long[] some = Npy.readLongs(early);
    int leftOut = 0;
    for (int sample = 0; sample < all.length; sample++) {
      if (some[sample] == -1) {
        leftOut++;
        some[sample] = all[sample];
      }
    }
    assertEquals(Arrays.toString(all), Arrays.toString(some), early.toString());
    return leftOut;
  }

  /** Without its last lines, and with half a line, as a crash leaves a journal. */
  @Test
  void interruptionsChangeNothing() throws IOException {
    Map<String, String> undisturbed = results("run");
    Path folder = temp.resolve("run");
    for (String table : List.of("run", "run_diffpure")) {
      Path journal = folder.resolve(table + ".run.jsonl");
      List<String> lines = Files.readAllLines(journal);
      assertTrue(lines.size() > IDS.size(), "a header, and a line an image");
      for (int kept : new int[] {0, 2, 3}) {
        String torn = lines.get(kept).substring(0, lines.get(kept).length() / 2);
        String text = String.join("\n", lines.subList(0, kept)) + (kept == 0 ? "" : "\n");
        Files.writeString(journal, text + torn);
        assertEquals(undisturbed, results("run", "--threads", 3), table + ", " + kept + " lines");
      }
    }
  }
}
