package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A class's {@code main} in a process of its own: for what can only be set up before NVIDIA's
 * libraries are loaded, and what shows when a process ends.
 *
 * @param exit exit status; the harness turns 0 into 97 if its rules were broken or something leaked
 * @param output lines of standard output
 * @param errors standard error
 */
record ChildJvm(int exit, List<String> output, String errors) {
  private static final long LIMIT_SECONDS = 300;

  /** On the CUDA-on-CPU harness. */
  static ChildJvm onHarness(Class<?> main, Map<String, String> environment, String... arguments) {
    return run(main, System.getProperty(NativeLibraries.FOLDERS_PROPERTY), environment, arguments);
  }

  /**
   * @param libraries folder of the CUDA libraries to find, or empty for none
   * @param environment added to this process's own, with {@code CUDA_ON_CPU_} in front
   */
  static ChildJvm run(
      Class<?> main, String libraries, Map<String, String> environment, String... arguments) {
    try {
      return start(main, libraries, environment, arguments);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static ChildJvm start(
      Class<?> main, String libraries, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile("child", ".out");
    Path errors = Files.createTempFile("child", ".err");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-D" + NativeLibraries.FOLDERS_PROPERTY + "=" + libraries);
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("LD_LIBRARY_PATH");
    environment.forEach((k, v) -> builder.environment().put("CUDA_ON_CPU_" + k, v));
    Process process =
        builder.redirectOutput(output.toFile()).redirectError(errors.toFile()).start();
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly().waitFor();
    ChildJvm result =
        new ChildJvm(process.exitValue(), Files.readAllLines(output), Files.readString(errors));
    Files.delete(output);
    Files.delete(errors);
    assertTrue(ended, "the process does not end: " + result);
    return result;
  }
}
