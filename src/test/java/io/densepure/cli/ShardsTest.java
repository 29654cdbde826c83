package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on several machines, one after the other on this one. */
class ShardsTest {
  @TempDir private Path folder;

  private List<Object> certify(Object... more) {
    List<Object> args =
        new ArrayList<>(List.of("certify", "--backend", "cpu", "--sigma", 0.25, "--ids", "0,1"));
    args.addAll(List.of("--n0", 3, "--n", 10));
    args.addAll(Arrays.asList(more));
    return args;
  }

  private static Cli ok(List<Object> args) {
    Cli cli = Cli.run(args.toArray());
    assertEquals(0, cli.exit(), cli.err());
    return cli;
  }

  private List<String> rows(String table) {
    return ResultRow.read(folder.resolve(table)).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  private List<Object> merge(String pattern, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("merge", "--shards"));
    try (Stream<Path> files = Files.list(folder)) {
      files.filter(f -> f.getFileName().toString().startsWith(pattern)).sorted().forEach(args::add);
    }
    args.addAll(Arrays.asList(more));
    return args;
  }

  @Test
  void shardsMergedAreTheRunWithItsVotesAndItsJournal() throws IOException {
    Path votes = folder.resolve("votes");
    Object[] how = {"--mode", "both", "--steps", 2, "--votes", 2, "--save-votes", "--votes-prefix"};
    List<Object> whole = certify(how);
    whole.addAll(List.of(votes + "/whole-", "--out", folder.resolve("whole")));
    ok(whole);
    List<Object> shard = certify(how);
    shard.addAll(List.of(votes + "/run-", "--out", folder.resolve("run")));
    for (int i = 3; i >= 1; i--) {
      List<Object> args = new ArrayList<>(shard);
      args.addAll(List.of("--shard", i + "/3", "--batch", 3 + i));
      Cli cli = ok(args);
      assertTrue(cli.out().contains("shard " + i + "/3 is done"), cli.out());
      assertTrue(cli.out().contains("merge --shards " + folder.resolve("run")), cli.out());
    }
    for (String method : List.of("", "_diffpure")) {
      Cli cli = ok(merge("run" + method + ".shard-")); // tables and journals, as a shell's * gives
      assertTrue(cli.out().contains("2 images merged from 3 shards"), cli.out());
      assertEquals(rows("whole" + method), rows("run" + method));
    }
    for (Path file : list(votes, "whole-")) {
      Path merged = votes.resolve(file.getFileName().toString().replace("whole-", "run-"));
      assertEquals(-1, Files.mismatch(file, merged), file.toString());
    }
    assertEquals(8, list(votes, "whole-").size());

    // The joined journal is the whole run's: that has nothing left to do.
    Cli again = ok(shard);
    assertTrue(again.err().contains("2 images are done"), again.err());
    assertEquals(rows("whole_diffpure"), rows("run_diffpure"));
  }

  /** Each shard stops where its own labels allow; the decisions and radii are the whole run's. */
  @Test
  void adaptiveShardsMergedAreTheAdaptiveRun() throws IOException {
    Object[] how = {"--mode", "base", "--sampling", "adaptive", "--target-radius", 0.25};
    List<Object> whole = certify(how);
    whole.set(whole.indexOf("--n") + 1, 200);
    whole.addAll(List.of("--alpha", 0.01, "--out", folder.resolve("whole")));
    ok(whole);
    for (int i = 1; i <= 3; i++) {
      List<Object> shard = certify(how);
      shard.set(shard.indexOf("--n") + 1, 200);
      shard.addAll(List.of("--alpha", 0.01, "--out", folder.resolve("run")));
      shard.addAll(List.of("--shard", i + "/3"));
      ok(shard);
    }
    ok(merge("run.shard-"));
    assertEquals(rows("whole"), rows("run"));
    assertTrue(rows("whole").stream().anyMatch(row -> !row.endsWith(" 0.0")), "one is certified");
  }

  @Test
  void clusteredShardsMergedHaveTheMajoritysVoteFiles() throws IOException {
    Path votes = folder.resolve("votes");
    Object[] how = {"--steps", 2, "--use_clustering", "--clustering_batch", 3, "--save-votes"};
    List<Object> whole = certify(how);
    whole.addAll(List.of("--votes-prefix", votes + "/whole-", "--out", folder.resolve("whole")));
    ok(whole);
    for (int i = 1; i <= 3; i++) {
      List<Object> shard = certify(how);
      shard.addAll(List.of("--votes-prefix", votes + "/run-", "--out", folder.resolve("run")));
      shard.addAll(List.of("--shard", i + "/3"));
      ok(shard);
    }
    ok(merge("run_diffpure.shard-"));
    assertEquals(rows("whole_diffpure"), rows("run_diffpure"));
    List<Path> expected = list(votes, "whole-");
    assertEquals(4, expected.size(), "two images, one pair of files each");
    for (Path file : expected) {
      Path merged = votes.resolve(file.getFileName().toString().replace("whole-", "run-"));
      assertEquals(-1, Files.mismatch(file, merged), file.toString());
    }
  }

  /** 26 copies with two votes each, in shards of 13: the second begins with image 1. */
  @Test
  void theEstimateOfAShardIsOfItsShareAndWritesNothing() throws IOException {
    List<Object> shard = certify("--steps", 2, "--votes", 2, "--estimate", "--shard", "2/2");
    shard.addAll(List.of("--out", folder.resolve("run")));
    Cli cli = ok(shard);
    assertTrue(cli.out().contains("2 votes: 26 lanes"), cli.out());
    assertTrue(cli.out().contains("shard 2/2: image 1 from copy 0 to image 1"), cli.out());
    assertTrue(cli.out().contains("forward passes: 52 of the diffusion model, 26"), cli.out());
    assertEquals(List.of(), list(folder, ""));
  }

  private static List<Path> list(Path folder, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().startsWith(prefix)).sorted().toList();
    }
  }

  @Test
  void mergeRefusesWhatIsNotThereYetAndWhatItTakesFromTheShards() throws IOException {
    List<Object> shard = certify("--mode", "base", "--out", folder.resolve("a run"), "--shard");
    for (String index : List.of("1/3", "3/3")) {
      List<Object> args = new ArrayList<>(shard);
      args.add(index);
      ok(args);
    }
    Cli gap = Cli.run(merge("a run.shard-").toArray());
    assertEquals(2, gap.exit());
    assertTrue(gap.complaint().contains("shard 2 (image 0 from copy 9"), gap.err());

    List<Object> bad = new ArrayList<>(shard);
    bad.add("0/3");
    assertEquals(2, Cli.run(bad.toArray()).exit());
    Cli sigma = Cli.run(merge("a run.shard-", "--sigma", 0.5).toArray());
    assertEquals(2, sigma.exit());
    assertTrue(sigma.complaint().contains("--sigma does not go with --shards"), sigma.err());

    // Interrupted before its first label: the command to go on with can be pasted as it is.
    Path other = folder.resolve("a run.shard-1-of-3.run.jsonl");
    String header = Files.readAllLines(other).get(0);
    Files.writeString(other, header + "\n");
    List<Object> missing = new ArrayList<>(shard);
    missing.add("2/3");
    ok(missing);
    Cli unfinished = Cli.run(merge("a run.shard-").toArray());
    assertEquals(2, unfinished.exit());
    String out = "'" + folder.resolve("a run") + "'";
    assertTrue(unfinished.complaint().contains("shard 1/3 is not finished: 0 of 1"), out);
    assertTrue(unfinished.complaint().endsWith("--out " + out + " --shard 1/3"), unfinished.err());
  }

  /** The scripts of docs/slurm.md, with Slurm's part played by a loop. */
  @Test
  void slurmScriptsRunAsTheyAre() throws IOException, InterruptedException {
    String[] args = {
      "--backend",
      "cpu",
      "--threads",
      "1",
      "--mode",
      "base",
      "--ids",
      "0,1",
      "--sigma",
      "0.25",
      "--n0",
      "3",
      "--n",
      "10",
      "--out",
      folder.resolve("run").toString()
    };
    Path certify = Path.of("examples/slurm/certify.sbatch");
    assertTrue(Files.readString(certify).contains("#SBATCH --array=1-8\n"));
    for (int task = 1; task <= 3; task++) {
      slurm(certify, String.valueOf(task), "3", args);
    }
    slurm(Path.of("examples/slurm/merge.sbatch"), "", "", folder.resolve("run").toString());
    Cli whole = ok(certify("--out", folder.resolve("w"), "--mode", "base"));
    assertTrue(whole.out().contains("Written to"), whole.out());
    assertEquals(rows("w"), rows("run"));
  }

  private void slurm(Path script, String task, String tasks, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", script.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("DENSEPURE", CliProcess.script(folder).toString());
    builder.environment().put("SLURM_ARRAY_TASK_ID", task);
    builder.environment().put("SLURM_ARRAY_TASK_COUNT", tasks);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
  }
}
