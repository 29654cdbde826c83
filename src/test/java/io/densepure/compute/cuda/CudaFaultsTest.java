package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call into NVIDIA's libraries fails once: out of memory, a failed launch, a lost device.
 * Each time there must be one clear line, nothing may leak, and the next device opened must work.
 */
class CudaFaultsTest {
  /** Asked for once per process, before any device is opened; or first of all while closing. */
  private static final List<String> NOT_IN_A_LIFE =
      List.of(
          "cuInit",
          "cuDriverGetVersion",
          "cuDeviceGetCount",
          "cudnnGetVersion",
          "cuStreamSynchronize");

  @TempDir Path folder;

  @BeforeEach
  void onTheHarnessOnly() {
    assumeFalse(
        System.getProperty(NativeLibraries.FOLDERS_PROPERTY, "").isEmpty(),
        "SKIPPED: a real GPU does not fail on demand");
  }

  private static ChildJvm lives(int count, Map<String, String> environment) {
    return ChildJvm.onHarness(FaultScenario.class, environment, Integer.toString(count));
  }

  /** The functions that a life of a device calls and whose failure must be told, sorted. */
  private List<String> functions() throws IOException {
    Path counters = folder.resolve("counters.json");
    ChildJvm child = lives(1, Map.of("COUNTERS", counters.toString()));
    assertEquals(0, child.exit(), child.errors());
    assertTrue(child.output().get(0).startsWith("ok ["), child.output().toString());
    JsonNode calls = new ObjectMapper().readTree(counters.toFile()).get("calls");
    List<String> functions = new ArrayList<>();
    calls.fieldNames().forEachRemaining(functions::add);
    functions.removeAll(NOT_IN_A_LIFE);
    functions.removeIf(CudaFaultsTest::releases);
    assertTrue(functions.size() > 30, functions.toString());
    return functions;
  }

  /** Whether a function only lets go of something, which we do without looking back. */
  private static boolean releases(String function) {
    return function.contains("Destroy")
        || function.contains("Free")
        || function.contains("Release")
        || function.contains("Unload");
  }

  private static String errorFor(String function) {
    if (function.startsWith("cudnn")) {
      return "CUDNN_STATUS_EXECUTION_FAILED";
    } else if (function.startsWith("cublas")) {
      return "CUBLAS_STATUS_EXECUTION_FAILED";
    }
    return function.contains("Alloc") ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_UNKNOWN";
  }

  /**
   * Each function's first call fails. A life ends at the first failure, so each of them meets the
   * next function, until one gets through.
   */
  @Test
  void everyCallThatFailsIsToldInOneLineAndNothingLeaks() throws IOException {
    List<String> functions = functions();
    String rules =
        functions.stream().map(f -> f + ":1:" + errorFor(f)).collect(Collectors.joining(","));
    ChildJvm child = lives(functions.size() + 2, Map.of("FAIL", rules));
    assertEquals(0, child.exit(), child.errors());
    List<String> failed = child.output().stream().filter(l -> l.startsWith("failed")).toList();
    assertEquals(functions.size(), failed.size(), String.join("\n", child.output()));
    for (String line : failed) {
      assertTrue(
          line.matches("failed (CUDA|cuBLAS|cuDNN) failed while [a-z].*: .*"), "unclear: " + line);
    }
    String last = child.output().get(child.output().size() - 1);
    assertEquals(functions.size() + 2, child.output().size());
    assertTrue(last.startsWith("ok ["), last);
  }

  /** An algorithm that its ranking named; the fused call, in advance or only when it is made. */
  @Test
  void whatCudnnDoesNotSupportIsComputedInAnotherWay() {
    ChildJvm whole = lives(1, Map.of());
    for (String call :
        List.of(
            "cudnnGetConvolutionForwardWorkspaceSize:1",
            "cudnnGetConvolutionForwardWorkspaceSize:3",
            "cudnnConvolutionBiasActivationForward:*")) {
      ChildJvm child = lives(1, Map.of("FAIL", call + ":CUDNN_STATUS_NOT_SUPPORTED"));
      assertEquals(0, child.exit(), child.errors());
      assertTrue(child.errors().contains("injected: "), child.errors());
      assertEquals(whole.output(), child.output(), call);
    }
  }

  @Test
  void tooLittleMemorySaysWhatToDo() {
    ChildJvm child = lives(1, Map.of("MEMORY", "24M"));
    assertEquals(0, child.exit(), child.errors());
    String line = child.output().get(0);
    assertTrue(line.contains("CUDA failed while reserving 32.0 MiB for cuBLAS"), line);
    assertTrue(line.contains("use a smaller batch"), line);
  }

  @Test
  void aLaunchThatFailsLosesTheDeviceButNotTheProcess() {
    for (String call : List.of("cuLaunchKernel", "cuGraphLaunch", "cuMemcpyDtoHAsync_v2")) {
      ChildJvm child = lives(2, Map.of("FAIL", call + ":1:CUDA_ERROR_ILLEGAL_ADDRESS"));
      assertEquals(0, child.exit(), child.errors());
      String line = child.output().get(0);
      assertTrue(line.contains("the GPU is lost to this process"), line);
      assertTrue(child.output().get(1).startsWith("ok ["), child.output().toString());
    }
  }

  @Test
  void anOldDriverAndAnotherCudnnAreRefusedBeforeAnythingIsTried() {
    ChildJvm driver = lives(1, Map.of("DRIVER_VERSION", "11080"));
    assertTrue(driver.output().get(0).contains("supports CUDA 11.8, 12.0 or newer is needed"));
    ChildJvm cudnn = lives(1, Map.of("CUDNN_VERSION", "8907"));
    assertTrue(cudnn.output().get(0).contains("cuDNN reports version 8.9.7, but 9 is needed"));
    ChildJvm none = lives(1, Map.of("DEVICES", "0"));
    assertTrue(none.output().get(0).contains("sees no GPU"), none.output().toString());
  }
}
