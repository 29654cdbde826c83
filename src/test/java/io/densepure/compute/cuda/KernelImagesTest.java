package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.DeviceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where PTX comes from. The folder {@code /kernel-images} has one kernel built, one not. */
class KernelImagesTest {
  private static final String RESOURCES = "/kernel-images";

  @TempDir Path cache;
  private final RecordingCompiler compiler = new RecordingCompiler("12.6");

  /** Notes what it was asked for, and answers with something that shows it. */
  private static final class RecordingCompiler implements KernelImages.Compiler {
    private final String version;
    private final List<String> compiled = new ArrayList<>();

    RecordingCompiler(String version) {
      this.version = version;
    }

    @Override
    public String version() {
      return version;
    }

    @Override
    public String compile(String name, String source, Map<String, String> headers, String arch) {
      compiled.add(name + " for " + arch);
      assertTrue(headers.get("common.cuh").contains("shared header"), "common.cuh is passed on");
      return "// PTX of " + source.strip() + "\n.version 8.5\n.target sm_80\n";
    }
  }

  private KernelImages images(KernelImages.Compiler with) {
    return new KernelImages(RESOURCES, RESOURCES, cache, with);
  }

  private static String text(byte[] ptx) {
    assertEquals(0, ptx[ptx.length - 1], "the driver reads up to a NUL");
    return new String(ptx, 0, ptx.length - 1, StandardCharsets.UTF_8);
  }

  @Test
  void whatWasBuiltIsNotCompiledAgain() {
    assertEquals(".version 8.0 // built\n", text(images(compiler).ptx("built", 86)));
    assertEquals(List.of(), compiler.compiled);
  }

  @Test
  void whatWasNotBuiltIsCompiledOnceAndKept() {
    String ptx = text(images(compiler).ptx("unbuilt", 90));
    assertEquals("// PTX of // unbuilt source\n.version 8.0\n.target sm_80\n", ptx);
    assertEquals(ptx, text(images(compiler).ptx("unbuilt", 90)));
    assertEquals(List.of("unbuilt.cu for compute_80"), compiler.compiled);
  }

  @Test
  void turingGetsItsOwnArchitecture() {
    images(compiler).ptx("built", 75); // built for compute_80 only
    assertEquals(List.of("built.cu for compute_75"), compiler.compiled);
  }

  @Test
  void anotherCompilerVersionDoesNotFindTheOldResult() {
    images(compiler).ptx("unbuilt", 80);
    RecordingCompiler newer = new RecordingCompiler("12.8");
    images(newer).ptx("unbuilt", 80);
    assertEquals(List.of("unbuilt.cu for compute_80"), newer.compiled);
  }

  @Test
  void nothingHalfWrittenStaysInTheCache() throws IOException {
    byte[] ptx = images(compiler).ptx("unbuilt", 80);
    try (Stream<Path> files = Files.list(cache)) {
      List<Path> kept = files.toList();
      assertEquals(1, kept.size(), kept.toString());
      byte[] onDisk = Files.readAllBytes(kept.get(0));
      assertArrayEquals(ptx, java.util.Arrays.copyOf(onDisk, onDisk.length + 1));
    }
  }

  /** What others could write to the driver would run for us. */
  @Test
  void compiledKernelsAreForTheirOwnerOnly() throws IOException {
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));
    images(compiler).ptx("unbuilt", 80);
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)));
  }

  @Test
  void anOldGpuIsToldSo() {
    DeviceException e =
        assertThrows(DeviceException.class, () -> images(compiler).ptx("unbuilt", 61));
    assertTrue(e.getMessage().contains("compute capability 6.1"), e.getMessage());
  }

  @Test
  void anUnwritableCacheIsNamed() throws IOException {
    Path file = Files.createFile(cache.resolve("taken"));
    KernelImages images = new KernelImages(RESOURCES, RESOURCES, file, compiler);
    DeviceException e = assertThrows(DeviceException.class, () -> images.ptx("unbuilt", 80));
    assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
  }
}
