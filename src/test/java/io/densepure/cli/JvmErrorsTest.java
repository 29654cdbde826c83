package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Errors of the JVM end a command in one line, as any other failure does. */
class JvmErrorsTest {
  @Command(name = "recursion")
  private static final class Recursion implements Runnable {
    @Override
    public void run() {
      run();
    }
  }

  @Command(name = "allocation")
  private static final class Allocation implements Runnable {
    @Override
    public void run() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  private final StringWriter err = new StringWriter();

  private int run(String name, Runnable command) {
    CommandLine cmd = DensePure.commandLine();
    cmd.addSubcommand(name, command);
    cmd.setErr(new PrintWriter(err, true));
    return cmd.execute(name);
  }

  private void assertOneLine(String start) {
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().startsWith(start), err.toString());
    assertFalse(err.toString().contains("at io.densepure"), err.toString());
  }

  @Test
  void aFullStack() {
    assertEquals(70, run("recursion", new Recursion()));
    assertOneLine("densepure: internal error: ");
    assertTrue(err.toString().contains("nested too deeply"), err.toString());
  }

  @Test
  void aFullHeap() {
    assertEquals(3, run("allocation", new Allocation()));
    assertOneLine("densepure: out of memory (Java heap space): give Java more with");
  }
}
