package io.densepure.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.compute.cpu.CpuDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * What was measured, where and when.
 *
 * @param commit abbreviated, with {@code -dirty} if files differ from it
 * @param processor as the system names it
 * @param device our device's description of itself
 */
record Provenance(String commit, String processor, String device, Instant date) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  static Provenance here(int threads) throws IOException {
    try (CpuDevice device = CpuDevice.open(threads)) {
      return new Provenance(
          describeCommit(),
          describeProcessor(),
          device.description(),
          Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }
  }

  void writeTo(ObjectNode node) {
    node.put("commit", commit);
    node.put("date", date.toString());
    node.put("processor", processor);
    node.put("device", device);
  }

  /** The history grows with every run and says nothing about what was measured. */
  private static String describeCommit() throws IOException {
    String commit = git("describe", "--always");
    String changed =
        git("status", "--porcelain", "--untracked-files=no", ":!benchmarks/history.jsonl");
    return changed.isEmpty() ? commit : commit + "-dirty";
  }

  private static String git(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    Process git = new ProcessBuilder(command).start();
    return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
  }

  private static String describeProcessor() throws IOException {
    if (!Files.isReadable(CPU_INFO)) {
      return System.getProperty("os.arch");
    }
    return Files.readAllLines(CPU_INFO).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).trim())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }
}
