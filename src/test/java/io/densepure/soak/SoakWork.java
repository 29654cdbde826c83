package io.densepure.soak;

import io.densepure.cli.DensePure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a soaked process does until it is killed: commands, one after the other in this one JVM.
 * Each opens the device, loads the networks, computes and closes everything again. {@code long}:
 * one certification of all bundled images instead. Prints a line for each command that has ended.
 */
final class SoakWork {
  private static final String FEW = " --sigma 0.25 --batch 4 ";
  private static final int BAD_INPUT = 2;

  /** Begins a line that says how full the heap is, in bytes. */
  static final String HEAP = "heap ";

  /** Begins the answer to a byte on standard input: what a full collection leaves, in bytes. */
  static final String COLLECTED = "collected ";

  private static final long HEAP_MILLIS = 1000;

  private static final PrintStream OUT = System.out;

  private final String backend;
  private final Path folder;
  private final Leak leak = Leak.valueOf(System.getProperty("soak.leak", "NONE"));

  private SoakWork(String backend, Path folder) {
    this.backend = backend;
    this.folder = folder;
  }

  /**
   * @param args {@code short} or {@code long}, the backend, a folder for results
   */
  public static void main(String[] args) throws IOException {
    boolean isLong = args[0].equals("long");
    reportHeap(isLong);
    SoakWork work = new SoakWork(args[1], Path.of(args[2]));
    if (isLong) {
      work.certifyAll();
    } else {
      for (int round = 0; true; round++) {
        work.round(round);
      }
    }
  }

  /**
   * Says every second what is left of the heap after its latest collection; forces none unless
   * asked.
   */
  private static void reportHeap(boolean collects) {
    Thread reporter = new Thread(() -> sayHeap(collects), "heap");
    reporter.setDaemon(true);
    reporter.start();
  }

  private static void sayHeap(boolean collects) {
    try {
      while (true) {
        OUT.println(HEAP + heapBytes());
        if (collects) {
          collectIfAsked();
        }
        Thread.sleep(HEAP_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long heapBytes() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .map(MemoryPoolMXBean::getCollectionUsage)
        .filter(Objects::nonNull) // pools that are not collected
        .mapToLong(MemoryUsage::getUsed)
        .sum();
  }

  private static void collectIfAsked() throws IOException {
    if (System.in.available() > 0) {
      System.in.read();
      System.gc();
      OUT.println(COLLECTED + heapBytes());
    }
  }

  private void certifyAll() {
    run(
        0,
        "certify --skip 1 --sigma 0.25 --n0 2 --n 10 --steps 2 --batch 8"
            + " --save-votes --votes-prefix %s/votes- --out %s/long");
  }

  /** Every way of the pipelines: few lanes and many, chosen batches, errors, resumed runs. */
  private void round(int round) throws IOException {
    int image = round % 10_000;
    String ids = " --ids " + image;
    run(0, "certify --n0 1 --n 7 --one-shot --save-votes --votes-prefix %s/v-" + FEW + ids + out());
    run(0, "certify --n0 1 --n 3 --steps 2 --votes 2 --mode both --sigma 0.5" + ids + out("b"));
    run(0, "certify --n0 1 --n 3 --steps 2 --votes 2 --mode both --sigma 0.5" + ids + out("b"));
    run(0, "predict --n 3 --steps 2" + FEW + ids);
    run(0, "purify --steps 2 --strip --votes 2 --sigma 0.5 --out %s/pictures" + ids);
    run(BAD_INPUT, "certify --n0 1 --n 3 --classifier-checkpoint missing.pt" + FEW + ids + out());
    run(BAD_INPUT, "certify --n0 1 --n 3 --one-shot" + FEW + " --ids 10000" + out());
    leak.leak();
    clear();
    collectIfAsked(); // here, as a command that runs holds up to 100 MiB
  }

  private static String out() {
    return out("a");
  }

  private static String out(String name) {
    return " --out %s/" + name;
  }

  private void run(int expected, String command) {
    List<String> words = new ArrayList<>(List.of(command.replace("%s", folder + "").split(" +")));
    words.addAll(1, List.of("--backend", backend));
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int exit;
    try (PrintStream quiet = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      System.setOut(quiet);
      System.setErr(quiet);
      exit = DensePure.commandLine().execute(words.toArray(String[]::new));
    } finally {
      System.setOut(OUT);
      System.setErr(err);
    }
    if (exit != expected) {
      System.err.println(words + ": exit " + exit + "\n" + said.toString(StandardCharsets.UTF_8));
      System.exit(1);
    }
    OUT.println(words.get(0));
  }

  private void clear() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.sorted(Comparator.reverseOrder()).filter(f -> !f.equals(folder)).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
