package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes with little memory, and with folders that others could get at. */
class SharedMachineTest {
  @TempDir private Path folder;

  /** The picture takes 10 kB in the file, and 240 MB in memory. */
  @Test
  void tooLittleMemoryIsSaidInOneLine() throws IOException, InterruptedException {
    Path picture = folder.resolve("large.png");
    ImageIO.write(
        new BufferedImage(9000, 9000, BufferedImage.TYPE_BYTE_BINARY), "png", picture.toFile());
    List<String> purify =
        List.of("purify", picture.toString(), "--sigma", "0.5", "--out", folder + "/out");
    try (CliProcess cli =
        CliProcess.start(folder, List.of("env", "JAVA_TOOL_OPTIONS=-Xmx100m"), purify)) {
      assertEquals(3, cli.exit(), cli.errors());
      assertTrue(cli.errors().contains("out of memory"), cli.errors());
      assertTrue(cli.errors().contains("-Xmx"), cli.errors());
      assertFalse(cli.errors().contains("\tat "), cli.errors());
    }
  }

  @Test
  void theFolderOfNativeCodeIsForItsOwnerOnly() throws IOException, InterruptedException {
    Path home = Files.createDirectory(folder.resolve("home"));
    Path cache = Files.createDirectories(home.resolve(".javacpp/cache"));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
    List<String> homeless = List.of("env", "JAVA_TOOL_OPTIONS=-Duser.home=" + home);
    try (CliProcess cli = CliProcess.start(folder, homeless, List.of("--version"))) {
      assertEquals(0, cli.exit(), cli.errors());
    }
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)));
  }
}
