package io.densepure.compute.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

/** How many threads oneDNN's parallel loops use. */
final class OpenMp {
  private OpenMp() {}

  /** Sets the number of threads for work started by the calling thread. */
  static void setThreads(int threads) {
    if (threads != defaultThreads()) {
      // oneDNN leaves this to OpenMP, whose function has no Java binding but ND4J's. Both libraries
      // share one libgomp. Loading ND4J takes a second, so not when there is nothing to change.
      new Nd4jCpu().setOmpNumThreads(threads);
    }
  }

  /** What OpenMP uses unless told otherwise; 0 if that cannot be told. */
  private static int defaultThreads() {
    String environment = System.getenv("OMP_NUM_THREADS");
    if (environment != null) {
      return environment.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(environment) : 0;
    }
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("Cpus_allowed:"))
          .mapToInt(
              line ->
                  line.substring(line.indexOf(':') + 1)
                      .chars()
                      .map(c -> Integer.bitCount(Math.max(0, Character.digit(c, 16))))
                      .sum())
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
