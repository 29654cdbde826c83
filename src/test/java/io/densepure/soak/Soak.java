package io.densepure.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Lets a process work for some minutes and watches from outside what it holds: memory, file
 * handles, threads. Prints a table of samples, then a verdict for each: its growth, by least
 * squares, from the end of the warm-up to the end; of the Java heap, what two full collections at
 * those times leave. The heap is touched as a whole at the start, so that what the resident memory
 * does is what native memory does.
 */
public final class Soak {
  private static final int SAMPLES = 180;
  private static final long UNKNOWN = -1;
  private static final double READING = 0.2; // seconds
  private static final double WARM_UP = 0.25; // of the time
  private static final double HEAP_BOUND = 4; // MiB

  private final List<ProcessSample> samples = new ArrayList<>();
  private volatile long heapBytes;
  private volatile long collectedBytes;
  private double heapGrowth; // MiB
  private volatile long commands;
  private long images;

  /** What may grow by how much in the whole of the time that is watched. */
  private enum Measure {
    RESIDENT("resident memory", "MiB", 16, ProcessSample::residentMebibytes),
    FILES("open files", "", 1, ProcessSample::files),
    THREADS("threads", "", 2, ProcessSample::threads),
    /** CUDA on CPU maps and unmaps hundreds. */
    MAPPINGS("mapped regions", "", 150, ProcessSample::mappings);

    final String label;
    final String unit;
    final double bound;
    final ToDoubleFunction<ProcessSample> value;

    Measure(String label, String unit, double bound, ToDoubleFunction<ProcessSample> value) {
      this.label = label;
      this.unit = unit;
      this.bound = bound;
      this.value = value;
    }
  }

  /**
   * @param args minutes; {@code short} or {@code long}; the backend; options of its JVM
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    double minutes = Double.parseDouble(args[0]);
    List<String> options = List.of(args).subList(3, args.length);
    Soak soak = new Soak();
    soak.watch(minutes * 60, args[1], args[2], options);
    System.exit(soak.verdict() ? 0 : 1);
  }

  private void watch(double seconds, String kind, String backend, List<String> options)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("soak");
    Process process = start(kind, backend, folder, options);
    Thread reader = new Thread(() -> read(process), "reader");
    reader.start();
    try {
      System.out.println(ProcessSample.HEADER);
      double interval = Math.max(0.5, seconds / SAMPLES);
      int warm = (int) (seconds / interval * WARM_UP);
      for (double at = interval; at <= seconds; at += interval) {
        if (samples.size() == warm) {
          heapGrowth = -heapAfterCollection(process);
        }
        ProcessSample sample = sample(process, at - interval, at);
        samples.add(sample);
        System.out.println(sample.row());
      }
      heapGrowth += heapAfterCollection(process);
      Path table = folder.resolve("long_diffpure");
      images = Files.exists(table) ? Files.readAllLines(table).size() - 1 : 0;
    } finally {
      process.destroyForcibly().waitFor();
      reader.join();
      delete(folder);
    }
  }

  /**
   * The mean over a span of time, as a command that runs holds more than one that has ended: single
   * readings would tell most of all which of them they met.
   */
  private ProcessSample sample(Process process, double from, double to)
      throws IOException, InterruptedException {
    List<ProcessSample> readings = new ArrayList<>();
    for (double at = from + READING; at <= to; at += READING) {
      Thread.sleep((long) (READING * 1000));
      if (!process.isAlive()) {
        throw new IllegalStateException("the process has ended: " + process.exitValue());
      }
      readings.add(ProcessSample.of(process.pid(), at, heapBytes));
    }
    return ProcessSample.mean(readings);
  }

  /** In MiB; {@code short} processes answer when their round has ended. */
  private double heapAfterCollection(Process process) throws IOException, InterruptedException {
    collectedBytes = UNKNOWN;
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    while (collectedBytes == UNKNOWN && process.isAlive()) {
      Thread.sleep(100);
    }
    return collectedBytes / (double) (1 << 20);
  }

  private static Process start(String kind, String backend, Path folder, List<String> options)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(SoakWork.class.getName(), kind, backend, folder.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private void read(Process process) {
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(SoakWork.HEAP)) {
          heapBytes = Long.parseLong(line.substring(SoakWork.HEAP.length()));
        } else if (line.startsWith(SoakWork.COLLECTED)) {
          collectedBytes = Long.parseLong(line.substring(SoakWork.COLLECTED.length()));
        } else {
          commands++;
        }
      }
    } catch (IOException e) {
      // The process was ended.
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  /** Prints what has grown and says whether all of it has stayed within its bound. */
  private boolean verdict() {
    List<ProcessSample> watched = samples.subList((int) (samples.size() * WARM_UP), samples.size());
    boolean flat = heapGrowth <= HEAP_BOUND;
    System.out.printf(
        "%n%s; after the warm-up, in %d samples:%n",
        images > 0 ? images + " images certified" : commands + " commands", watched.size());
    System.out.printf(
        Locale.ROOT,
        "%-47s growth %+8.2f, bound %5.1f  %s%n",
        "Java heap, MiB, after full collections",
        heapGrowth,
        HEAP_BOUND,
        flat ? "flat" : "GROWS");
    for (Measure m : Measure.values()) {
      double growth = growth(watched, m.value);
      boolean fine = growth <= m.bound;
      flat &= fine;
      System.out.printf(
          Locale.ROOT,
          "%-16s %8.1f to %8.1f %-3s  growth %+8.2f, bound %5.1f  %s%n",
          m.label,
          watched.stream().mapToDouble(m.value).min().orElseThrow(),
          watched.stream().mapToDouble(m.value).max().orElseThrow(),
          m.unit,
          growth,
          m.bound,
          fine ? "flat" : "GROWS");
    }
    return flat;
  }

  /** The slope of the least-squares line times the time that it covers. */
  static double growth(List<ProcessSample> samples, ToDoubleFunction<ProcessSample> value) {
    double meanTime = samples.stream().mapToDouble(ProcessSample::seconds).average().orElseThrow();
    double mean = samples.stream().mapToDouble(value).average().orElseThrow();
    double covariance = 0;
    double variance = 0;
    for (ProcessSample sample : samples) {
      double time = sample.seconds() - meanTime;
      covariance += time * (value.applyAsDouble(sample) - mean);
      variance += time * time;
    }
    double span = samples.get(samples.size() - 1).seconds() - samples.get(0).seconds();
    return covariance / variance * span;
  }
}
