package io.densepure.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line in a process of its own, which can be killed, interrupted and starved. */
public final class CliProcess implements AutoCloseable {
  private static final int LIMIT_SECONDS = 120;

  private final Process process;
  private final Path errors;

  private CliProcess(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
  }

  /**
   * @param prefix words in front of the command, as a limit on it; may be empty
   * @param folder for the output
   */
  static CliProcess start(Path folder, List<String> prefix, List<String> args) throws IOException {
    // A shell's background jobs, and all that they start, ignore Ctrl-C.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.addAll(prefix);
    command.addAll(java());
    command.addAll(args);
    Path errors = Files.createTempFile(folder, "cli", ".err");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(errors.toFile());
    return new CliProcess(builder.start(), errors);
  }

  /** A short life is worth no optimising compiler. */
  private static List<String> java() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-Xshare:auto",
        "-cp",
        System.getProperty("java.class.path"),
        DensePure.class.getName());
  }

  /** An executable file that runs the command line: a stand-in for {@code ./densepure}. */
  public static Path script(Path folder) throws IOException {
    Path script = folder.resolve("densepure");
    if (!Files.exists(script)) {
      StringBuilder words = new StringBuilder();
      java().forEach(word -> words.append(ShardOptions.quoted(word)).append(' '));
      Files.writeString(script, "#!/usr/bin/env bash\nexec " + words + "\"$@\"\n");
      script.toFile().setExecutable(true);
    }
    return script;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL: nothing in the process hears of it. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGINT, as Ctrl-C sends. */
  void interrupt() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).start().waitFor();
  }

  /** Waits for the end and gives the exit code. */
  int exit() throws InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      kill();
      throw new AssertionError("the process does not end");
    }
    return process.exitValue();
  }

  String errors() throws IOException {
    return Files.readString(errors);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
