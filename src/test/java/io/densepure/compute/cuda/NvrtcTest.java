package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.densepure.DeviceException;
import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that was built without nvcc: NVRTC compiles the kernels at first run. */
class NvrtcTest {
  /** Any folder with the toolkit's header names will do for the harness's NVRTC. */
  private static final Path HEADERS = Path.of("src/test/cuda-on-cpu/emu/include");

  @TempDir Path cache;

  @BeforeEach
  void onTheHarnessOnly() {
    assumeFalse(
        System.getProperty(NativeLibraries.FOLDERS_PROPERTY, "").isEmpty(),
        "SKIPPED: whether a real machine has NVRTC is its own affair");
  }

  /** As if the build had found no nvcc. */
  private KernelImages unbuilt(Path headers) {
    return new KernelImages(
        "/cuda", "/nothing-was-built", cache, new NvrtcCompiler(List.of(headers)));
  }

  private float[] relu(KernelImages images, float... values) {
    try (CudaDevice device = CudaDevice.open(0, CudaOptions.DEFAULT, images)) {
      Tensor x = device.allocate(DType.F32, Shape.of(values.length));
      device.upload(x, values);
      try (Program program =
          device.record(ops -> ops.assign(x, ops.activate(x, Activation.RELU)))) {
        program.run();
      }
      return device.downloadFloats(x);
    }
  }

  private List<Path> cached() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.toList();
    }
  }

  @Test
  void theSameKernelsRun() throws IOException {
    assertArrayEquals(new float[] {0, 2, 0, 4, 0}, relu(unbuilt(HEADERS), -1, 2, -3, 4, -5));
    assertEquals(1, cached().size(), "only what was used is compiled: " + cached());
  }

  @Test
  void theSecondRunNeedsNoHeadersAnyMore() throws IOException {
    relu(unbuilt(HEADERS), 1);
    List<Path> first = cached();
    assertArrayEquals(new float[] {7}, relu(unbuilt(Path.of("nowhere")), 7));
    assertEquals(first, cached());
  }

  @Test
  void missingHeadersAreNamedWithWhatToDo() {
    DeviceException e =
        assertThrows(DeviceException.class, () -> relu(unbuilt(Path.of("nowhere")), 1));
    assertTrue(e.getMessage().contains("cuda_fp16.h"), e.getMessage());
    assertTrue(e.getMessage().contains("CUDA_HOME"), e.getMessage());
  }

  @Test
  void aCompilerErrorIsShownInOneLine() throws IOException {
    Path incomplete = Files.createDirectory(cache.resolve("include"));
    Files.createFile(incomplete.resolve("cuda_fp16.h"));
    DeviceException e = assertThrows(DeviceException.class, () -> relu(unbuilt(incomplete), 1));
    assertTrue(e.getMessage().startsWith("NVRTC cannot compile activate.cu: "), e.getMessage());
    assertTrue(e.getMessage().contains("cuda_bf16.h"), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }
}
