package io.densepure.compute.cpu;

import io.densepure.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

/** How many threads oneDNN's parallel loops use. */
final class OpenMp {
  private OpenMp() {}

  /** What the user told OpenMP, else as many as the JVM sees processors. */
  static int preferredThreads() {
    int told = fromEnvironment();
    return told > 0 ? told : Runtime.getRuntime().availableProcessors();
  }

  /** Sets the number of threads for work started by the calling thread. */
  static void setThreads(int threads) {
    if (threads != defaultThreads()) {
      // oneDNN leaves this to OpenMP, whose function has no Java binding but ND4J's. Both libraries
      // share one libgomp. Loading ND4J takes a second, so not when there is nothing to change.
      try {
        new Nd4jCpu().setOmpNumThreads(threads);
      } catch (LinkageError e) {
        throw new DeviceException(
            "cpu: ND4J's native library, through which the number of threads is set, cannot be"
                + " loaded; set the environment variable OMP_NUM_THREADS="
                + threads
                + " instead",
            e);
      }
    }
  }

  /** What OpenMP uses unless told otherwise; 0 if that cannot be told. */
  private static int defaultThreads() {
    if (System.getenv("OMP_NUM_THREADS") != null) {
      return fromEnvironment();
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

  /** 0 if there is no number. */
  private static int fromEnvironment() {
    String value = System.getenv("OMP_NUM_THREADS");
    return value != null && value.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(value) : 0;
  }
}
