package io.densepure.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Where Jazzer calls in: {@code --target_class=io.densepure.fuzz.Fuzz --target_args=TARGET}, see
 * {@code src/test/fuzz/run}. The target {@code all} is all of them in one process: an input's first
 * byte says which one reads the rest.
 */
public final class Fuzz {
  private static final String ALL = "all";

  /** Mapped files stay mapped until they are collected, and a process can have 65,530 of them. */
  private static final int COLLECT_EVERY = 20_000;

  private static final FuzzTargets[] TARGETS = FuzzTargets.values();
  private static final long[] EXECUTIONS = new long[TARGETS.length];
  private static FuzzTargets only; // null for all
  private static Oracle oracle;
  private static long inputs;

  private Fuzz() {}

  /** Called once. */
  public static void fuzzerInitialize(String[] args) throws IOException {
    only = args[0].equals(ALL) ? null : FuzzTargets.of(args[0]);
    Path folder = Files.createTempDirectory("fuzz-" + args[0]);
    oracle = new Oracle(folder);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(folder)));
  }

  /** Called for each input; what it throws is a finding. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    if (only == null && input.length == 0) {
      return;
    }
    FuzzTargets target = only != null ? only : TARGETS[(input[0] & 0xff) % TARGETS.length];
    byte[] content = only != null ? input : Arrays.copyOfRange(input, 1, input.length);
    EXECUTIONS[target.ordinal()]++;
    oracle.check(target.target(), content);
    if (++inputs % COLLECT_EVERY == 0) {
      System.gc();
    }
  }

  private static void end(Path folder) {
    for (FuzzTargets target : TARGETS) {
      if (EXECUTIONS[target.ordinal()] > 0) {
        System.err.printf("executions: %-20s %9d%n", target.label(), EXECUTIONS[target.ordinal()]);
      }
    }
    try {
      Oracle.delete(folder);
    } catch (IOException e) {
      System.err.println("left behind: " + folder + ": " + e);
    }
  }

  /**
   * Copies a target's seeds into a folder, for Jazzer to start from.
   *
   * @param args target and folder
   */
  public static void main(String[] args) throws IOException {
    boolean all = args[0].equals(ALL);
    Path to = Files.createDirectories(Path.of(args[1]));
    for (FuzzTargets target : all ? List.of(TARGETS) : List.of(FuzzTargets.of(args[0]))) {
      for (Path seed : target.seeds()) {
        byte[] content = Files.readAllBytes(seed);
        byte[] input = content;
        if (all) {
          input = new byte[content.length + 1];
          input[0] = (byte) target.ordinal();
          System.arraycopy(content, 0, input, 1, content.length);
        }
        String name = target.label() + "-" + seed.getParent().getFileName() + "-";
        Files.write(to.resolve(name + seed.getFileName()), input);
      }
    }
  }
}
