package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of runs, bounds and formats, as a user asks for them. */
class AccuracyCommandTest {
  private static final String HEADER = "idx\tlabel\tpredict\tradius\tcorrect\n";

  @TempDir private Path folder;

  private Path table(String name, String rows) throws IOException {
    return Files.writeString(folder.resolve(name), HEADER + rows);
  }

  @Test
  void runsHaveTheNamesThatTheyAreGiven() throws IOException {
    Path a = table("a", "0\t1\t1\t0.5\t1\n1\t1\t-1\t0.0\t0\n");
    Path b = table("odd=name", "0\t1\t1\t0.3\t1\n");
    Cli cli = Cli.run("accuracy", "one-shot=" + a, b, "--radii", "0,0.4", "--format", "LaTeX");
    assertEquals(0, cli.exit(), cli.err());
    assertTrue(
        cli.out().contains("one-shot & 2 & 50.0 & 0.250 & 50.0 & \\textbf{50.0} \\\\"), cli.out());
    assertTrue(cli.out().contains("odd=name & 1 & 0.0 & \\textbf{0.300}"), cli.out());
  }

  @Test
  void boundsAreInTheJson() throws IOException {
    Path a = table("a", "0\t1\t1\t0.5\t1\n1\t1\t1\t0.2\t1\n2\t1\t-1\t0.0\t0\n");
    Cli cli =
        Cli.run(
            "accuracy",
            a,
            "--radii",
            0,
            "--confidence",
            0.95,
            "--high-probability",
            "original",
            "--rho",
            0.9,
            "--json");
    assertEquals(0, cli.exit(), cli.err());
    JsonNode point = new ObjectMapper().readTree(cli.out()).at("/runs/0/certified_accuracy/0");
    assertEquals(0.0942993, point.get("low").asDouble(), 1e-7);
    assertEquals(0.9915962, point.get("high").asDouble(), 1e-7);
    assertEquals(0.6480367, point.get("at_least").asDouble(), 1e-7);
  }

  @Test
  void whatIsWrongIsNamed() throws IOException {
    Path empty = table("empty", "");
    refused("empty: has no results yet", "accuracy", "x=" + empty);
    refused("absent: no such file", "accuracy", folder.resolve("absent"));
    Path a = table("a", "0\t1\t1\t0.5\t1\n");
    refused("the confidence must lie between 0 and 1", "accuracy", a, "--confidence", 95);
    refused("rho must", "accuracy", a, "--high-probability", "exact", "--rho", 0);
  }

  private static void refused(String reason, Object... args) {
    Cli cli = Cli.run(args);
    assertEquals(2, cli.exit(), cli.out());
    assertTrue(cli.complaint().contains(reason), cli.err());
  }
}
