package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.download.Cache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code download} fetched is found without flags; what is missing is named with its cure. */
class DownloadedFilesTest {
  private static final int CIFAR_RECORD = 3073;

  @TempDir private Path home;

  @BeforeEach
  void moveCache() {
    System.setProperty(Cache.PROPERTY, home.toString());
  }

  @AfterEach
  void moveBack() {
    System.clearProperty(Cache.PROPERTY);
  }

  private Path cached(String name) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    return file;
  }

  private static String certify() {
    Cli run = Cli.run("certify", "--config", "cifar10", "--ids", "0", "--N0", "1", "--N", "1");
    assertEquals(2, run.exit(), run.err());
    return run.complaint();
  }

  @Test
  void dataAndWeightsAreFoundInTheCache() throws IOException {
    assertEndsWith("'./densepure download cifar10' gets it", certify());
    Files.write(
        cached("datasets/cifar10/cifar-10-batches-bin/test_batch.bin"), new byte[CIFAR_RECORD]);
    assertEndsWith("'./densepure download improved-ddpm' gets it", certify());
    Path weights = cached("cifar10_uncond_50M_500K.pt");
    Files.writeString(weights, "no weights");
    assertTrue(certify().contains(weights.toString()), "the cached file is the one that is read");
  }

  private static void assertEndsWith(String end, String actual) {
    assertTrue(actual.endsWith(end), actual);
  }
}
