package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.DeviceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A machine without CUDA, or with half of it. The status is found out once per process, so each
 * case is a process of its own.
 */
class CudaRuntimeTest {
  @TempDir Path folder;

  /** What a user of the class sees: status, number of devices, and the error on opening one. */
  public static final class Main {
    public static void main(String[] args) {
      System.out.println(CudaRuntime.status().available());
      System.out.println(CudaRuntime.status().message());
      System.out.println(CudaRuntime.deviceCount());
      try {
        CudaDevice.open(0).close();
        System.out.println("opened");
      } catch (DeviceException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static List<String> run(String libraries) {
    ChildJvm child = ChildJvm.run(Main.class, libraries, Map.of());
    assertEquals(0, child.exit(), child.errors());
    assertEquals("", child.errors());
    return child.output();
  }

  @Test
  void aMachineWithoutADriverLearnsSoInOneSentence() throws Exception {
    List<String> lines = run("");
    assertEquals(4, lines.size(), lines.toString());
    assertEquals("false", lines.get(0));
    assertTrue(lines.get(1).startsWith("CUDA is not available: no NVIDIA driver (libcuda.so.1)"));
    assertEquals("0", lines.get(2));
    assertEquals(lines.get(1), lines.get(3));
  }

  @Test
  void librariesThatAreNotThereAreNamedTogether() throws Exception {
    // Any shared library will do in the driver's place: it is not asked anything yet.
    Files.copy(someSharedLibrary(), folder.resolve("libcuda.so.1"));
    List<String> lines = run(folder.toString());
    assertEquals("false", lines.get(0));
    assertTrue(lines.get(1).contains("libcublas.so.12"), lines.get(1));
    assertTrue(lines.get(1).contains("libcudnn.so.9"), lines.get(1));
    assertTrue(lines.get(1).contains("LD_LIBRARY_PATH"), lines.get(1));
    assertEquals(lines.get(1), lines.get(3));
  }

  @Test
  void librariesThatAreNotWhatTheyClaimAreAnErrorInOneLine() throws Exception {
    for (String name : List.of("libcuda.so.1", "libcublas.so.12", "libcudnn.so.9")) {
      Files.copy(someSharedLibrary(), folder.resolve(name));
    }
    List<String> lines = run(folder.toString());
    String all = String.join("\n", lines);
    assertTrue(lines.contains("false"), all);
    assertTrue(all.contains("CUDA is not available: JCuda's native libraries do not load"), all);
  }

  private static Path someSharedLibrary() {
    return Path.of(System.getProperty("java.home"), "lib", "libjava.so");
  }
}
