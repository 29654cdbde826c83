package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JCuda would load a file that another user has put where it unpacks its own to. */
class JCudaNativesTest {
  private static final List<String> PLANTED =
      List.of("JCudaDriver-12.6.0", "JCublas2-12.6.0", "JCudnn-12.6.0");

  @TempDir private Path temporary;

  /** Run in a process of its own, as natives are loaded once. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) {
      System.setProperty("java.io.tmpdir", args[0]);
      System.out.println(CudaRuntime.status().message());
    }
  }

  @Test
  void plantedLibrariesAreNotLoaded() throws IOException {
    for (String name : PLANTED) {
      String file = "lib" + name + "-linux-x86_64.so";
      try (InputStream in = JCudaDriver.class.getResourceAsStream("/lib/" + file)) {
        assertTrue(in != null, "JCuda's jar has no " + file + ": other names must be planted");
      }
      Files.writeString(temporary.resolve(file), "not a library");
    }
    ChildJvm child = ChildJvm.onHarness(Main.class, Map.of(), temporary.toString());
    assertEquals(0, child.exit(), child.errors());
    assertTrue(child.output().get(0).startsWith("CUDA driver"), child.output().toString());
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(PLANTED.size(), left.count(), "natives were left behind");
    }
  }
}
