package io.densepure.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What a process holds at one moment, as Linux tells, or on the average of many moments.
 *
 * @param seconds since the process was started
 * @param residentMebibytes VmRSS
 * @param heapMebibytes what was left of the Java heap after its latest collection
 * @param files open file descriptors
 * @param threads of any kind
 * @param mappings regions of the address space
 */
record ProcessSample(
    double seconds,
    double residentMebibytes,
    double heapMebibytes,
    double files,
    double threads,
    double mappings) {
  static final String HEADER = "seconds\tresident_MiB\theap_MiB\tfiles\tthreads\tmappings";

  private static final double MEBI = 1 << 20;

  static ProcessSample of(long pid, double seconds, long heapBytes) throws IOException {
    Path process = Path.of("/proc", String.valueOf(pid));
    List<String> status = Files.readAllLines(process.resolve("status"));
    return new ProcessSample(
        seconds,
        number(status, "VmRSS:") * 1024 / MEBI,
        heapBytes / MEBI,
        entries(process.resolve("fd")),
        number(status, "Threads:"),
        Files.readAllLines(process.resolve("maps")).size());
  }

  /** The means of all samples, at the time of the last. */
  static ProcessSample mean(List<ProcessSample> samples) {
    return new ProcessSample(
        samples.get(samples.size() - 1).seconds,
        mean(samples, ProcessSample::residentMebibytes),
        mean(samples, ProcessSample::heapMebibytes),
        mean(samples, ProcessSample::files),
        mean(samples, ProcessSample::threads),
        mean(samples, ProcessSample::mappings));
  }

  private static double mean(List<ProcessSample> samples, ToDoubleFunction<ProcessSample> value) {
    return samples.stream().mapToDouble(value).average().orElseThrow();
  }

  private static int number(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name))
        .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private static int entries(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return (int) files.count();
    }
  }

  String row() {
    return String.format(
        java.util.Locale.ROOT,
        "%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f",
        seconds,
        residentMebibytes,
        heapMebibytes,
        files,
        threads,
        mappings);
  }
}
