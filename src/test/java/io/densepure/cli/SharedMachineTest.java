package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.compute.JavaCpp;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
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

  /** In a process of its own, as these are settings of the process. */
  static final class WhereNativesGo {
    private WhereNativesGo() {}

    public static void main(String[] args) throws IOException {
      JavaCpp.configure();
      Path folder = Path.of(System.getProperty("org.bytedeco.javacpp.cachedir"));
      System.out.println(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
      System.out.println(folder);
      System.out.println(System.getProperty("jna.tmpdir"));
      System.out.println(System.getProperty("jline.tmpdir"));
    }
  }

  /** JavaCPP would go to a folder whose name everybody knows, and load what it finds there. */
  @Test
  void nativeCodeThatHasNoFolderGetsANewPrivateOne() throws IOException, InterruptedException {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path home = Files.createDirectory(folder.resolve("home"));
    Files.createFile(home.resolve(".javacpp")); // so that there can be no such folder
    Path out = folder.resolve("out");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.home=" + home,
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                WhereNativesGo.class.getName())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals(0, child.waitFor());
    List<String> lines = Files.readAllLines(out);
    assertEquals("rwx------", lines.get(0));
    assertTrue(lines.get(1).startsWith(temporary + "/densepure-natives-"), lines.get(1));
    assertEquals(Collections.nCopies(2, lines.get(1)), lines.subList(2, 4));
    assertFalse(Files.exists(Path.of(lines.get(1))), "it is deleted in the end");
  }
}
