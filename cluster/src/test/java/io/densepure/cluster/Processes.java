package io.densepure.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** JVMs that end with the test, whatever happens: also those that they have started. */
final class Processes implements AutoCloseable {
  private final Path folder;
  private final List<Running> all = new ArrayList<>();

  /**
   * @param folder for their output
   */
  Processes(Path folder) {
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  /** A process and where its output goes. */
  record Running(Process process, Path out, Path err) {
    private static final int LIMIT_SECONDS = 120;

    /** Waits for the end and gives the exit code. */
    int exit() throws InterruptedException {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        killTree();
        throw new AssertionError("does not end:\n" + text(err));
      }
      return process.exitValue();
    }

    String errors() {
      return text(err);
    }

    String output() {
      return text(out);
    }

    /** SIGKILL, for what it has started, too. */
    void killTree() {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
    }

    /** Waits until there is such a thing as is waited for. */
    void await(String what, BooleanSupplier there) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      while (!there.getAsBoolean()) {
        if (!process.isAlive() || System.nanoTime() > end) {
          throw new AssertionError("no " + what + ":\n" + text(out) + text(err));
        }
        Thread.sleep(20);
      }
    }

    private static String text(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        return e.toString();
      }
    }
  }

  /**
   * Starts a JVM; its heap is small, and it is not worth much optimising.
   *
   * @param environment added to this process's
   * @param words options, class path, main class and arguments
   */
  synchronized Running java(String name, Map<String, String> environment, List<String> words)
      throws IOException {
    // A shell's background jobs, and all that they start, ignore Ctrl-C.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"));
    command.addAll(words);
    Path out = Files.createTempFile(folder, name, ".out");
    Path err = Files.createTempFile(folder, name, ".err");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    Running running = new Running(builder.start(), out, err);
    all.add(running);
    return running;
  }

  @Override
  public synchronized void close() {
    all.forEach(Running::killTree);
  }
}
