package io.densepure.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** Runs a command as a user would, in this JVM: flags in, exit code and both outputs out. */
record Cli(int exit, String out, String err) {
  static synchronized Cli run(Object... args) {
    String[] words = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      words[i] = String.valueOf(args[i]);
    }
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
