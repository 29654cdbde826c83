package io.densepure.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real cluster of processes on this machine. Whatever becomes of workers, executors and drivers,
 * the files are those of a run without Spark, to the byte, but for the time that images took.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterTest {
  private static final String SPARK_VERSION = org.apache.spark.package$.MODULE$.SPARK_VERSION();
  private static final int IMAGES = 6;

  @TempDir private static Path temp;
  private static Processes processes;
  private static SparkCluster cluster;
  private static Map<String, String> expected;
  private static List<Processes.Running> workers = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    processes = new Processes(temp);
    Path folder = Files.createDirectory(temp.resolve("local"));
    cluster = new SparkCluster(temp, processes);
    Processes.Running local = cluster.local(args(folder));
    workers.add(cluster.workerWithGpu(1));
    workers.add(cluster.worker(Map.of()));
    assertEquals(0, local.exit(), local.errors());
    expected = results(folder);
    assertEquals(1 + IMAGES * 2 * 2, expected.size(), "a table, a pair an image and vote");
  }

  @AfterAll
  static void end() {
    processes.close();
  }

  private static List<String> args(Path folder) {
    List<String> args = new ArrayList<>(List.of("--backend", "cpu", "--threads", "1"));
    args.addAll(List.of("--ids", "0,1,4,7,8,9", "--sigma", "0.5", "--n0", "2", "--n", "14"));
    args.addAll(List.of("--steps", "1", "--votes", "2", "--batch", "8"));
    args.addAll(List.of("--out", folder.resolve("run").toString()));
    args.addAll(List.of("--save-votes", "--votes-prefix", folder + "/votes-"));
    return args;
  }

  /** Files by name, as text; of the table all columns but the time; not the journal. */
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
    return results;
  }

  @Test
  @Order(1)
  void submittedRunWritesWhatALocalOneDoes() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("submitted"));
    Processes.Running run = cluster.submit(args(folder));
    assertEquals(0, run.exit(), run.errors());
    assertEquals(expected, results(folder));
    assertTrue(run.errors().contains("Device: Spark " + SPARK_VERSION), run.errors());
    assertTrue(run.errors().contains("2 tasks at once of 4 lanes each"), run.errors());
  }

  /** The GPU that one of the workers has, its second one, is made of CPU, as in other tests. */
  @Test
  @Order(2)
  void tasksComputeOnTheGpuThatSparkGivesThem() throws Exception {
    Path harness = Path.of(System.getProperty("densepure.cuda.libraries"));
    if (!Files.exists(harness.resolve("complete"))) {
      assertNull(System.getenv("CI"), harness + " has been built before");
      System.out.println("SKIPPED: a cluster's GPUs, because there is no " + harness);
      assumeTrue(false, "no " + harness);
    }
    Path local = Files.createDirectory(temp.resolve("local-gpu"));
    Processes.Running alone = cluster.local(gpuArgs(local, "cuda:0"));
    Path folder = Files.createDirectory(temp.resolve("gpu"));
    Processes.Running run =
        cluster.certify(
            gpuArgs(folder, "auto"),
            "--engine-conf=spark.executor.resource.gpu.amount=1",
            "--engine-conf=spark.task.resource.gpu.amount=1");
    assertEquals(0, run.exit(), run.errors());
    assertTrue(run.errors().contains("1 task at once of 2 lanes each"), run.errors());
    assertTrue(run.errors().contains("(cuda:1,"), run.errors());
    assertEquals(0, alone.exit(), alone.errors());
    assertEquals(results(local), results(folder));
    assertEquals(3, results(local).size(), "a table and two files of votes");
  }

  private static List<String> gpuArgs(Path folder, String backend) {
    List<String> args = new ArrayList<>(List.of("--backend", backend, "--mode", "base"));
    args.addAll(List.of("--ids", "0", "--sigma", "0.5", "--n0", "1", "--n", "5", "--batch", "2"));
    args.addAll(List.of("--out", folder.resolve("run").toString()));
    args.addAll(List.of("--save-votes", "--votes-prefix", folder + "/votes-"));
    return args;
  }

  /** An executor that stops without a word: what it had is begun again on the other one. */
  @Test
  @Order(3)
  void aStragglerIsOvertaken() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("straggler"));
    Processes.Running run =
        cluster.certify(
            args(folder),
            "--engine-conf=spark.rpc.askTimeout=20s", // for what Spark asks of it at the end
            // For what the other executor asks of it: each gets a job's code from those that have
            // it.
            "--engine-conf=spark.network.timeout=30s",
            "--engine-conf=spark.network.timeoutInterval=10s",
            "--engine-conf=spark.executor.heartbeatInterval=5s",
            "--engine-conf=spark.speculation.minTaskRuntime=1s",
            "--engine-conf=spark.speculation.task.duration.threshold=2s");
    run.await("first image", () -> images(folder) >= 1);
    ProcessHandle executor = executor(workers.get(0));
    signal(executor, "STOP");
    try {
      assertEquals(0, run.exit(), run.errors());
    } finally {
      executor.destroyForcibly();
    }
    assertEquals(expected, results(folder));
  }

  @Test
  @Order(4)
  void aWorkerIsKilled() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("killed-worker"));
    Processes.Running run = cluster.certify(args(folder));
    run.await("first image", () -> images(folder) >= 1);
    assertTrue(executor(workers.get(0)).isAlive(), "it has an executor");
    assertTrue(images(folder) < IMAGES, "the run goes on");
    workers.get(0).killTree();
    assertEquals(0, run.exit(), run.errors());
    assertEquals(expected, results(folder));
    assertTrue(run.errors().contains("Lost executor"), run.errors());
  }

  /** With one worker left: a driver's executors end with it, and a new driver goes on. */
  @Test
  @Order(5)
  void aDriverIsInterruptedThenKilledAndTheSameCommandGoesOn() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("driver"));
    Processes.Running interrupted = cluster.certify(args(folder));
    interrupted.await("first image", () -> images(folder) >= 1);
    signal(interrupted.process().toHandle(), "INT");
    assertEndsAsOnOneMachine(interrupted, folder);
    int before = images(folder);
    assertTrue(before < IMAGES - 1, "interrupted in the middle");

    Processes.Running killed = cluster.certify(args(folder));
    killed.await("another image", () -> images(folder) > before);
    killed.killTree();
    assertNotEquals(0, killed.exit());
    assertTrue(killed.errors().contains("Going on where an earlier run ended"), killed.errors());
    assertTrue(images(folder) < IMAGES, "killed in the middle");

    Processes.Running again = cluster.certify(args(folder));
    assertEquals(0, again.exit(), again.errors());
    assertTrue(again.errors().contains("Going on where an earlier run ended"), again.errors());
    assertEquals(expected, results(folder));
  }

  /** Ctrl-C: what is under way may end, nothing is called a failure, and the last line says all. */
  private static void assertEndsAsOnOneMachine(Processes.Running run, Path folder)
      throws InterruptedException {
    assertEquals(130, run.exit(), run.errors());
    assertEquals(
        "Interrupted; everything so far is in %s. Give the same command to go on."
            .formatted(folder.resolve("run_diffpure.run.jsonl")),
        run.errors().lines().reduce((a, b) -> b).orElse(""));
    for (String alarm : List.of("failed", " ERROR ", "densepure: ", "\tat ")) {
      assertFalse(run.errors().contains(alarm), run.errors());
    }
  }

  /** The task would fail as often as it is tried; it is not tried again, and says why in a line. */
  @Test
  @Order(6)
  void whatAnExecutorLacksIsSaidInOneLine() throws Exception {
    Path folder = Files.createDirectory(temp.resolve("no-gpu"));
    List<String> args = args(folder);
    args.set(args.indexOf("cpu"), "cuda");
    Processes.Running run = cluster.certify(args);
    assertEquals(2, run.exit(), run.errors());
    String last = run.errors().lines().reduce((a, b) -> b).orElse("");
    assertTrue(last.startsWith("densepure: executor 0 on 127.0.0."), run.errors());
    assertTrue(last.contains("spark.executor.resource.gpu.amount"), last);
    assertFalse(run.errors().contains("\tat "), run.errors());
    assertFalse(Files.exists(folder.resolve("run_diffpure.run.jsonl")), "nothing is written");
  }

  /** Finished images in the journal, after its first line. */
  private static int images(Path folder) {
    try {
      String journal = Files.readString(folder.resolve("run_diffpure.run.jsonl"));
      return (int) journal.lines().filter(line -> line.contains("\"radius\"")).count();
    } catch (IOException e) {
      return 0;
    }
  }

  private static ProcessHandle executor(Processes.Running worker) {
    return worker.process().children().findFirst().orElseThrow();
  }

  private static void signal(ProcessHandle process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }
}
