package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.cli.DensePure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} on machines that lack something, and on one that has everything. */
class DoctorTest {
  @TempDir Path folder;

  private static ChildJvm doctor(String libraries, Map<String, String> settings, String... flags) {
    String[] words = new String[1 + flags.length];
    words[0] = "doctor";
    System.arraycopy(flags, 0, words, 1, flags.length);
    ChildJvm child = ChildJvm.run(DensePure.class, libraries, settings, words);
    assertFalse((child.output() + child.errors()).contains("UnsatisfiedLinkError"));
    return child;
  }

  private static void expect(ChildJvm child, String... regexes) {
    assertEquals(0, child.exit(), child.errors());
    for (String regex : regexes) {
      assertTrue(
          child.output().stream().anyMatch(line -> line.matches(regex)),
          regex + " in:\n" + String.join("\n", child.output()));
    }
  }

  private static String harness() {
    String libraries = System.getProperty(NativeLibraries.FOLDERS_PROPERTY, "");
    assumeFalse(libraries.isEmpty(), "SKIPPED: a real machine has the libraries that it has");
    return libraries;
  }

  @Test
  void aMachineWithoutAnyCudaLibraryUsesTheCpu() {
    expect(
        doctor("", Map.of()),
        "ok +cpu: oneDNN .* threads?, .*; --dtype fp32.*",
        "missing +CUDA driver \\(libcuda.so.1\\): not found.*; install the NVIDIA driver, 525.*",
        "missing +cuBLAS \\(libcublas.so.12\\): not found .*libcublas12.*",
        "missing +cuDNN \\(libcudnn.so.9\\): not found .*libcudnn9-cuda-12.*",
        "CUDA is not available: no NVIDIA driver.*",
        "--backend auto uses cpu: .*");
  }

  @Test
  void everyGpuIsTriedAndTheFirstIsTheDefault() throws IOException {
    ChildJvm child = doctor(harness(), Map.of("DEVICES", "2", "ARCH", "75"), "--json");
    assertEquals(0, child.exit(), child.errors());
    JsonNode found = new ObjectMapper().readTree(String.join("\n", child.output()));
    assertEquals("cuda:0", found.get("auto").asText());
    assertEquals(List.of("cpu", "cuda:0", "cuda:1"), found.get("devices").findValuesAsText("name"));
    for (JsonNode device : found.get("devices")) {
      assertTrue(device.get("works").asBoolean(), device.toPrettyString());
    }
    long free = found.get("devices").get(1).get("free_bytes").asLong();
    assertTrue(free > 3L << 30 && free < 4L << 30, free + " of 4 GiB, less cuBLAS's workspace");
    assertEquals("[\"fp32\",\"fp16\"]", found.get("devices").get(2).get("dtypes").toString());
    assertEquals(
        List.of("12.6", "12.6.5", "9.5.1", "12.6"),
        found.get("libraries").findValuesAsText("version"));
  }

  @Test
  void aDefaultGpuThatFailsIsExitCode3() {
    ChildJvm child =
        doctor(
            harness(),
            Map.of(
                "FAIL",
                "cudnnConvolutionForward:*:CUDNN_STATUS_EXECUTION_FAILED,"
                    + "cudnnConvolutionBiasActivationForward:*:CUDNN_STATUS_EXECUTION_FAILED"));
    assertEquals(3, child.exit(), child.errors());
    String all = String.join("\n", child.output());
    assertTrue(all.contains("FAILS    cuda:0: cuDNN failed while computing"), all);
    assertTrue(all.contains("--backend auto uses cuda:0: the first GPU."), all);
  }

  @Test
  void anOldDriverIsNamed() {
    expect(
        doctor(harness(), Map.of("DRIVER_VERSION", "11080")),
        "missing +CUDA driver 11.8 \\(libcuda.so.1\\): too old, CUDA 12.0 or newer .*nvidia-driver.*",
        "ok +cuBLAS 12.6.5 .*",
        "--backend auto uses cpu: .*");
  }

  @Test
  void aLibraryOfAnotherVersionIsNamed() throws IOException {
    for (String file : List.of("libcuda.so.1", "libcublas.so.12", "libnvrtc.so.12")) {
      Files.copy(Path.of(harness(), file), folder.resolve(file));
    }
    Files.copy(Path.of(harness(), "libcudnn.so.9"), folder.resolve("libcudnn.so.8"));
    expect(
        doctor(folder.toString(), Map.of()),
        "ok +cuBLAS 12.6.5 .*",
        "missing +cuDNN \\(libcudnn.so.9\\): not found; there is libcudnn.so.8, .*",
        "CUDA is not available: .*cuDNN 9.*",
        "--backend auto uses cpu: .*");
  }
}
