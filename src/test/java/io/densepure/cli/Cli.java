package io.densepure.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;

/**
 * Runs a command as a user would, in this JVM: flags in, exit code and both outputs out. On the CPU
 * unless the arguments name a backend: by itself a command would take the stand-in for a GPU if
 * another test had loaded it here.
 */
public record Cli(int exit, String out, String err) {
  private static final Set<String> COMPUTING =
      Set.of("bench", "certify", "demo", "predict", "purify");

  public static synchronized Cli run(Object... args) {
    List<String> given = new ArrayList<>();
    for (Object arg : args) {
      given.add(String.valueOf(arg));
    }
    boolean placed =
        given.stream().anyMatch(w -> w.startsWith("--backend") || w.startsWith("--devices"));
    if (!given.isEmpty() && COMPUTING.contains(given.get(0)) && !placed) {
      given.addAll(1, List.of("--backend", "cpu"));
    }
    String[] words = given.toArray(String[]::new);
    PrintStream realOut = System.out;
    PrintStream realErr = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
      CommandLine cmd = DensePure.commandLine();
      cmd.setOut(new PrintWriter(System.out, true));
      cmd.setErr(new PrintWriter(System.err, true));
      int exit = cmd.execute(words);
      System.out.flush();
      System.err.flush();
      return new Cli(
          exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(realOut);
      System.setErr(realErr);
    }
  }

  /** The last line on stderr that says what went wrong. */
  String complaint() {
    return err.lines().filter(l -> l.startsWith("densepure: ")).reduce((a, b) -> b).orElse("");
  }
}
