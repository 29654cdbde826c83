package io.densepure.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.cli.CliProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of {@code docs/tutorial.md}, run as they stand there, lead where it says. */
class TutorialTest {
  private static final Path DOCUMENT = Path.of("docs", "tutorial.md");
  private static final int LIMIT_MINUTES = 10;

  @Test
  void itsCommandsLeadToACurve(@TempDir Path dir) throws Exception {
    CliProcess.script(dir);
    Path models = Path.of("src", "main", "models");
    Files.createDirectories(dir.resolve(models));
    Files.copy(models.resolve("fashion_wrn.pt"), dir.resolve(models).resolve("fashion_wrn.pt"));
    List<String> blocks = Markdown.blocks(DOCUMENT, "sh");
    assertEquals(8, blocks.size(), "a block of commands is lost, or not looked at below");
    Path script = Files.writeString(dir.resolve("tutorial.sh"), String.join("\n", blocks));
    Path output = dir.resolve("output.txt");
    ProcessBuilder shell =
        new ProcessBuilder("bash", "-euxo", "pipefail", script.toString())
            .directory(dir.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    shell.environment().put("OMP_WAIT_POLICY", "passive");
    Process process = shell.start();
    boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
    process.destroyForcibly();
    String said = Files.readString(output);
    assertTrue(ended, said);
    assertEquals(0, process.exitValue(), said);

    assertTrue(said.contains("depth 10, widen factor 2, 10 classes"), said);
    assertTrue(Files.readString(dir.resolve("report.html")).contains("one-shot"));
    byte[] curve = Files.readAllBytes(dir.resolve("curve.pdf"));
    assertEquals("%PDF", new String(curve, 0, 4, StandardCharsets.US_ASCII));
    assertAccuracies(said);
  }

  /** The bare classifier is useless under this noise, and denoising rescues it. */
  private static void assertAccuracies(String said) {
    double bare = accuracy(said, "bare");
    double voted = accuracy(said, "votes");
    assertTrue(voted >= bare + 40, "bare " + bare + ", with votes " + voted + "\n" + said);
  }

  /** In percent, at radius 0: the column after images, abstained and ACR. */
  private static double accuracy(String said, String run) {
    String line =
        said.lines()
            .filter(l -> l.startsWith(run + " "))
            .findFirst()
            .orElseThrow(() -> new AssertionError(said));
    return Double.parseDouble(line.split("\\s+")[4]);
  }
}
