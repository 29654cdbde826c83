package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.densepure.certify.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs that are interrupted, run twice at once, or run out of disk: they stop cleanly and go on.
 */
class InterruptedRunsTest {
  private static final int IMAGES = 24;
  private static final int PAGE = 4096;
  private static final int MORE_THAN_A_PAGE = 160; // rows

  @TempDir private Path temp;

  private static List<String> command(Path folder, Object... more) {
    List<String> words = new ArrayList<>(List.of("certify", "--backend", "cpu", "--threads", "1"));
    words.addAll(List.of("--sigma", "0.25", "--one-shot"));
    words.addAll(List.of("--out", folder.resolve("run").toString()));
    Stream.of(more).map(String::valueOf).forEach(words::add);
    return words;
  }

  private static List<String> rows(Path folder) {
    return ResultRow.read(folder.resolve("run_diffpure")).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  @Test
  void ctrlCEndsTheBatchInFlightAndSaysHowToGoOn() throws Exception {
    Object[] size = {"--ids", "0", "--n0", 8, "--n", 800, "--batch", 8};
    Path folder = Files.createDirectory(temp.resolve("interrupted"));
    Path journal = folder.resolve("run_diffpure.run.jsonl");
    try (CliProcess process = CliProcess.start(temp, List.of(), command(folder, size))) {
      awaitLines(process, folder.resolve("run_diffpure"), 1);
      Thread.sleep(500);
      Cli second = Cli.run(command(folder, size).toArray());
      assertEquals(2, second.exit());
      assertTrue(second.complaint().contains("another run is writing to it"), second.err());

      process.interrupt();
      assertEquals(130, process.exit(), process.errors());
      String last = process.errors().lines().reduce((a, b) -> b).orElseThrow();
      assertEquals(
          "Interrupted; everything so far is in " + journal + ". Give the same command to go on.",
          last);
      assertFalse(process.errors().contains("densepure: "), process.errors());
    }
    Matcher lanes =
        Pattern.compile("\"from\":(\\d+),\"to\":(\\d+)").matcher(Files.readString(journal));
    assertTrue(lanes.find(), "labels were saved");
    int saved = Integer.parseInt(lanes.group(2));
    assertEquals(0, saved % 4, "a thread's whole batch was not lost");
    assertTrue(saved < 808, "it was interrupted before the image was done");

    assertEquals(0, Cli.run(command(folder, size).toArray()).exit());
    Path undisturbed = Files.createDirectory(temp.resolve("undisturbed"));
    assertEquals(0, Cli.run(command(undisturbed, size).toArray()).exit());
    assertEquals(rows(undisturbed), rows(folder));
  }

  private static void awaitLines(CliProcess process, Path file, int lines) throws Exception {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(file) || Files.readAllLines(file).size() < lines) {
      assertTrue(process.isAlive() && System.nanoTime() < limit, process.errors());
      Thread.sleep(5);
    }
  }

  /** What lies on the disk that is full. */
  private enum Full {
    JOURNAL("run_diffpure\\.run\\.jsonl"),
    TABLE("run_diffpure"),
    VOTES("votes-\\d+-0-n0?_predictions\\.npy");

    /** The file as the user knows it, not the temporary one that becomes it. */
    final String named;

    Full(String file) {
      this.named = "densepure: /\\S*/" + file + ": cannot be written: .*";
    }
  }

  @ParameterizedTest
  @EnumSource(Full.class)
  void aFullDiskStopsTheRunInOneLineAndLosesNothing(Full full) throws Exception {
    Path folder = Files.createDirectory(temp.resolve("run"));
    try (TinyDisk disk = TinyDisk.mount(temp.resolve("disk"))) {
      assumeTrue(disk != null, "this user may not mount file systems");
      Path table = full == Full.TABLE ? disk.folder() : folder;
      Path journal = full == Full.JOURNAL ? disk.folder() : folder;
      Path votes = full == Full.VOTES ? disk.folder() : folder;
      if (table != journal) { // they are siblings: a link takes the journal elsewhere
        Files.createSymbolicLink(
            table.resolve("run_diffpure.run.jsonl"), journal.resolve("the-journal"));
      }
      List<String> command = command(table, "--skip", 1, "--max", IMAGES, "--n0", 2, "--n", 6);
      command.addAll(List.of("--save-votes", "--votes-prefix", votes + "/votes-"));
      disk.fillUpTo(full == Full.TABLE ? 0 : full == Full.JOURNAL ? PAGE : 3 * PAGE);
      Cli cli = Cli.run(command.toArray());
      assertEquals(2, cli.exit(), cli.err());
      assertEquals(1, cli.err().lines().filter(l -> l.startsWith("densepure: ")).count());
      assertTrue(cli.complaint().contains("No space left on device"), cli.err());
      assertTrue(cli.complaint().matches(full.named), cli.err());
      assertNothingIsTorn(table, votes);

      disk.makeRoom();
      Cli again = Cli.run(command.toArray());
      assertEquals(0, again.exit(), again.err());
      if (full != Full.TABLE) {
        assertTrue(again.err().contains("Going on where an earlier run ended"), again.err());
      }
      assertSameAsUndisturbed(table, votes, command);
    }
  }

  /** The header and the first rows fit; then a row does not, and no part of it stays. */
  @Test
  void aTableThatIsFullInTheMiddleHasWholeRowsAndGoesOn() throws Exception {
    try (TinyDisk disk = TinyDisk.mount(temp.resolve("disk"))) {
      assumeTrue(disk != null, "this user may not mount file systems");
      Path table = disk.folder().resolve("run");
      Files.createSymbolicLink(disk.folder().resolve("run.run.jsonl"), temp.resolve("journal"));
      disk.fillUpTo(PAGE);
      Object[] size = {
        "--mode", "base", "--skip", 1, "--max", MORE_THAN_A_PAGE, "--n0", 1, "--n", 1
      };
      Cli cli = Cli.run(command(disk.folder(), size).toArray());
      assertEquals(2, cli.exit(), cli.err());
      assertTrue(cli.complaint().startsWith("densepure: " + table + ": cannot be"), cli.err());
      assertTrue(cli.complaint().contains("No space left on device"), cli.err());
      String text = Files.readString(table);
      assertTrue(text.endsWith("\n") && text.length() > PAGE - 100, "whole rows, to the brim");
      int before = ResultRow.read(table).size();
      assertTrue(before < MORE_THAN_A_PAGE);

      disk.makeRoom();
      Cli again = Cli.run(command(disk.folder(), size).toArray());
      assertEquals(0, again.exit(), again.err());
      assertTrue(again.err().contains((before + 1) + " images are done"), again.err());
      assertEquals(
          IntStream.range(0, MORE_THAN_A_PAGE).boxed().toList(),
          ResultRow.read(table).stream().map(ResultRow::idx).toList());
    }
  }

  /** No temporary files, and every vote file is whole. */
  private static void assertNothingIsTorn(Path... folders) throws IOException {
    for (Path folder : folders) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          String name = file.getFileName().toString();
          assertFalse(name.endsWith(".part"), name);
          if (name.endsWith("_predictions.npy")) {
            assertTrue(Files.size(file) > 128, name);
          }
        }
      }
    }
  }

  private void assertSameAsUndisturbed(Path table, Path votes, List<String> command)
      throws IOException {
    Path folder = Files.createDirectory(temp.resolve("undisturbed"));
    List<String> undisturbed = new ArrayList<>(command);
    undisturbed.replaceAll(
        word ->
            word.equals(table.resolve("run").toString())
                ? folder.resolve("run").toString()
                : word.equals(votes + "/votes-") ? folder + "/votes-" : word);
    assertEquals(0, Cli.run(undisturbed.toArray()).exit());
    assertEquals(rows(folder), rows(table));
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> expected = files.filter(f -> f.toString().endsWith(".npy")).toList();
      assertEquals(2 * IMAGES, expected.size());
      for (Path file : expected) {
        assertEquals(-1, Files.mismatch(file, votes.resolve(file.getFileName())), file.toString());
      }
    }
  }

  /** Needs no rights: no file of the process may grow beyond two KiB; the journal is the first. */
  @Test
  void aLimitOnFilesStopsTheRunInOneLineAndLosesNothing() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("limited"));
    List<String> command =
        command(folder, "--ids", "0,1,2,3,4,5,6,7,8,9,10,11", "--n0", 2, "--n", 6, "--batch", 8);
    List<String> limit = List.of("bash", "-c", "ulimit -f 2 && exec \"$@\"", "limited");
    try (CliProcess process = CliProcess.start(temp, limit, command)) {
      assertEquals(2, process.exit(), process.errors());
      List<String> complaints =
          process.errors().lines().filter(l -> l.startsWith("densepure: ")).toList();
      assertEquals(1, complaints.size(), process.errors());
      assertTrue(complaints.get(0).contains("run_diffpure.run.jsonl: cannot be written"));
      assertTrue(complaints.get(0).contains("make room and run the same command again"));
    }
    assertTrue(rows(folder).size() > 1, "images before the limit have their rows");
    Cli again = Cli.run(command.toArray());
    assertEquals(0, again.exit(), again.err());
    assertTrue(again.err().contains("Going on where an earlier run ended"), again.err());
    Path undisturbed = Files.createDirectory(temp.resolve("undisturbed"));
    List<String> words = command(undisturbed, command.subList(10, command.size()).toArray());
    assertEquals(0, Cli.run(words.toArray()).exit(), Arrays.toString(words.toArray()));
    assertEquals(rows(undisturbed), rows(folder));
  }
}
