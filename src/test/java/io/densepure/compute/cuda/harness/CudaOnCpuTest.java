package io.densepure.compute.cuda.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The CUDA-on-CPU harness must show the mistakes that it promises to show, and no others: each case
 * of its self-test (src/test/cuda-on-cpu/selftest) is a process whose exit status and words on
 * standard error are checked.
 */
class CudaOnCpuTest {
  private static final Path HARNESS = Path.of("src/test/cuda-on-cpu");
  private static final Path BUILT = Path.of("target/cuda-on-cpu").toAbsolutePath();

  /** Exit status of a process that did its work but broke the rules of CUDA. */
  private static final int BROKEN = 97;

  private record Outcome(int exit, String output, String errors) {}

  @BeforeAll
  static void build() {
    Outcome built =
        run(List.of("bash", HARNESS.resolve("build.sh").toString(), "selftest"), Map.of());
    assertEquals(0, built.exit, built.errors);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tree_sum",
        "early_exit",
        "shuffles",
        "block_votes",
        "shared_memory_is_garbage_at_first",
        "atomics",
        "no_contraction",
        "half_conversions",
        "tensor_cores",
        "missing_barrier_shows",
        "warp_exchange",
        "clean",
        "fresh_memory_is_garbage",
        "freed_memory_leaves_no_mappings",
        "two_devices",
        "two_devices_on_two_threads",
        "read_after_synchronize",
        "legacy_stream_orders",
        "capture_and_replay",
        "changed_parameters_of_a_graph",
        "capture_with_fork",
        "capture_unjoined",
        "allocation_spoils_capture",
        "synchronize_spoils_capture",
        "legacy_stream_spoils_capture",
        "gemm_in_every_transposition",
        "gemm_strided_batches_of_halves",
        "gemm_does_not_depend_on_the_batch",
        "tf32_is_coarser",
        "gemm_is_captured",
        "convolution_in_every_shape",
        "convolution_fused",
        "float_convolution_uses_tf32_unless_told",
        "convolution_complaints",
        "nvrtc"
      })
  void allowedProgramsPassInBothModes(String name) {
    for (String deferred : List.of("0", "1")) {
      Outcome outcome = selftest(name, Map.of("DEVICES", "2", "DEFERRED", deferred));
      assertEquals(0, outcome.exit, outcome.errors);
      assertEquals("", outcome.errors);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          divergent_barrier            | divergent barrier: some threads wait at line
          missing_arrival              | divergent barrier
          lane_outside_mask            | the calling lane is not in its own mask
          trap                         | __trap()
          failed_assertion             | assertion failed: y == nullptr
          misaligned_tile              | tile not aligned to 32 bytes
          shared_overrun               | wrote behind the 128 bytes of dynamic shared memory
          launch_limits                | 129 threads per block, but __launch_bounds__(128)
          leak                         | LEAK: 1234 bytes of device memory on device 0
          leaked_handles               | LEAK: stream
          overrun                      | allocation 1 of 40 bytes was overrun: byte 1 after its end was written (seen at cuCtxSynchronize)
          underrun                     | allocation 1 of 40 bytes was overrun: byte 4 before its start was written (seen at its release)
          far_out_of_bounds            | 3960 bytes after the end of allocation 1 (40 bytes)
          use_after_free               | the start of allocation 2 (400 bytes, already freed)
          double_free                  | the start of allocation 1 (4 bytes, already freed)
          copy_beyond_the_end          | destination: 101 bytes
          host_pointer_in_a_kernel     | which is no device memory
          memory_of_another_device     | lies on device 0, but device 1 runs it and has no peer access
          destroyed_stream             | a stream was used that does not exist
          freed_memory_in_a_graph      | already freed
          unpinned_upload              | from memory that is not pinned
          unpinned_download            | to memory that is not pinned
          gemm_complaints              | cublasGemmEx: A: 76 bytes
          ptx_is_checked               | the PTX is stale
          """)
  void mistakesAreNamedInBothModes(String name, String words) {
    for (String deferred : List.of("0", "1")) {
      Outcome outcome = selftest(name, Map.of("DEVICES", "2", "DEFERRED", deferred));
      assertEquals(BROKEN, outcome.exit, outcome.errors);
      assertTrue(outcome.errors.contains(words), outcome.errors);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"read_before_synchronize_shows", "buffer_reused_too_early_shows"})
  void deferredWorkHasNotRunYet(String name) {
    Outcome outcome = selftest(name, Map.of("DEFERRED", "1"));
    assertEquals(0, outcome.exit, outcome.errors);
  }

  @Test
  void unpinnedCopiesCarryGarbageWhenDeferred() {
    assertEquals("cdcdcdcd\n", selftest("unpinned_upload", Map.of("DEFERRED", "1")).output);
    assertEquals("cdcdcdcd\n", selftest("unpinned_download", Map.of("DEFERRED", "1")).output);
  }

  @Test
  void workLeftAtExitIsReported() {
    Outcome outcome = selftest("work_left_at_exit", Map.of("DEFERRED", "1"));
    assertEquals(BROKEN, outcome.exit);
    assertTrue(outcome.errors.contains("1 operations were still queued at exit"), outcome.errors);
  }

  @Test
  void onlyAnEventOrdersTwoStreams() {
    Set<String> with = new HashSet<>();
    Set<String> without = new HashSet<>();
    for (int seed = 1; seed <= 12; seed++) {
      Map<String, String> environment = Map.of("DEFERRED", "1", "SEED", Integer.toString(seed));
      with.add(selftest("two_streams_with_event", environment).output);
      without.add(selftest("two_streams_without_event", environment).output);
    }
    assertEquals(Set.of("7\n"), with);
    assertEquals(Set.of("7\n", "cdcdcdcd\n"), without);
  }

  @Test
  void aFailingProgramKeepsItsExitStatus() {
    assertEquals(3, selftest("leak_of_a_failing_program", Map.of()).exit);
  }

  @Test
  void memoryIsAsSmallAsAskedFor() {
    Outcome outcome = selftest("out_of_memory", Map.of("MEMORY", "1M"));
    assertEquals(0, outcome.exit, outcome.errors);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          injected_allocation_failure | cuMemAlloc_v2:2:CUDA_ERROR_OUT_OF_MEMORY
          injected_loss_of_the_device | cuLaunchKernel:1:CUDA_ERROR_DEVICE_UNAVAILABLE
          injected_library_failures   | cublasCreate_v2:1:CUBLAS_STATUS_ALLOC_FAILED,cudnnCreate:1+:CUDNN_STATUS_NOT_INITIALIZED
          """)
  void injectedFailuresComeBackAsTheRightCode(String name, String failures) {
    Outcome outcome = selftest(name, Map.of("FAIL", failures));
    assertEquals(0, outcome.exit, outcome.errors);
    assertTrue(outcome.errors.contains("injected: call"), outcome.errors);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          race_without_barrier  | writes at bad.cu:
          race_without_syncwarp | writes at bad.cu:
          race_between_blocks   | what block 0 wrote
          """)
  void racesAreNamedWhenTracing(String name, String words) {
    Outcome outcome = selftest(name, Map.of("TRACE", "1"));
    assertEquals(BROKEN, outcome.exit, outcome.errors);
    assertTrue(outcome.errors.contains(words), outcome.errors);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tree_sum",
        "early_exit",
        "warp_exchange",
        "atomics",
        "tensor_cores",
        "two_devices"
      })
  void tracingSeesNoRaceWhereThereIsNone(String name) {
    Outcome outcome = selftest(name, Map.of("TRACE", "1", "DEVICES", "2"));
    assertEquals(0, outcome.exit, outcome.errors);
  }

  @Test
  void tracingCountsBytesOfDeviceMemory(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("counters.json");
    Outcome outcome = selftest("traffic", Map.of("TRACE", "1", "COUNTERS", file.toString()));
    assertEquals(0, outcome.exit, outcome.errors);
    JsonNode kernel = new ObjectMapper().readTree(file.toFile()).at("/kernels/scale");
    // 1000 floats are 125 sectors of 32 bytes; 3 floats are one.
    assertEquals(126 * 32, kernel.at("/bytesRead").asLong());
    assertEquals(126 * 32, kernel.at("/bytesWritten").asLong());
  }

  /** One element past the end: without the sanitizer found later, at the next synchronization. */
  @Test
  void theSanitizerStopsAtTheFirstStrayByte() {
    String library = run(List.of("g++", "-print-file-name=libasan.so"), Map.of()).output.strip();
    Map<String, String> environment = new TreeMap<>();
    environment.put("CUDA_ON_CPU_KERNELS", BUILT.resolve("selftest-kernels-sanitize").toString());
    environment.put("LD_PRELOAD", library);
    environment.put("ASAN_OPTIONS", "handle_segv=0:detect_leaks=0");
    String selftest = BUILT.resolve("selftest").toString();
    Outcome clean = run(List.of(selftest, "tree_sum"), environment);
    assertEquals(0, clean.exit, clean.errors);
    Outcome overrun = run(List.of(selftest, "overrun"), environment);
    assertTrue(overrun.errors.contains("AddressSanitizer"), overrun.errors);
    assertTrue(overrun.errors.contains("in write_at"), overrun.errors);
    assertTrue(overrun.exit != 0, overrun.errors);
  }

  /** CUDA_ERROR_NOT_SUPPORTED, CUBLAS_STATUS_NOT_SUPPORTED, CUDNN_STATUS_NOT_SUPPORTED. */
  @Test
  void whatIsNotImplementedReturnsAnErrorThatNamesIt() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String main = UnimplementedCalls.class.getName();
    String path = System.getProperty("java.class.path");
    Outcome outcome = run(List.of(java, "-cp", path, main, BUILT.toString()), Map.of());
    assertEquals("801\n15\n3000\n", outcome.output, outcome.errors);
    for (String function :
        List.of("cuTexRefCreate", "cublasGetAtomicsMode", "cudnnBackendCreateDescriptor")) {
      assertTrue(outcome.errors.contains(function + " is not implemented"), outcome.errors);
    }
  }

  @Test
  void countersAreWritten(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("counters.json");
    Outcome outcome = selftest("counters", Map.of("COUNTERS", file.toString()));
    assertEquals(0, outcome.exit, outcome.errors);
    JsonNode counters = new ObjectMapper().readTree(file.toFile());
    JsonNode gemm = counters.at("/libraries/cublasSgemm_v2");
    assertEquals(2 * 8 * 8 * 8, gemm.at("/flops").asLong());
    assertEquals(3 * 64 * 4, gemm.at("/bytes").asLong());
    JsonNode kernel = counters.at("/kernels/scale");
    assertEquals(3, kernel.at("/launches").asLong());
    assertEquals(3 * 64, kernel.at("/threads").asLong());
    assertEquals(3, counters.at("/calls/cuLaunchKernel").asLong());
    assertEquals(2 * 64 * 4, counters.at("/copies/HtoD/bytes").asLong());
    assertEquals(64 * 4, counters.at("/copies/DtoH/bytes").asLong());
    assertEquals(3 * 64 * 4, counters.at("/peakMemory").asLong());
    assertTrue(counters.at("/violations").isEmpty() && counters.at("/leaks").isEmpty());
  }

  private static Outcome selftest(String name, Map<String, String> settings) {
    Map<String, String> environment = new TreeMap<>();
    String kernels = settings.containsKey("TRACE") ? "selftest-kernels-trace" : "selftest-kernels";
    environment.put("CUDA_ON_CPU_KERNELS", BUILT.resolve(kernels).toString());
    settings.forEach((key, value) -> environment.put("CUDA_ON_CPU_" + key, value));
    return run(List.of(BUILT.resolve("selftest").toString(), name), environment);
  }

  private static Outcome run(List<String> command, Map<String, String> environment) {
    try {
      Path output = Files.createTempFile("selftest", ".out");
      Path errors = Files.createTempFile("selftest", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(new ArrayList<>(command))
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile());
      builder.environment().keySet().removeIf(key -> key.startsWith("CUDA_ON_CPU_"));
      builder.environment().putAll(environment);
      Process process = builder.start();
      boolean ended = process.waitFor(10, TimeUnit.MINUTES);
      process.destroyForcibly().waitFor();
      Outcome outcome =
          new Outcome(process.exitValue(), Files.readString(output), Files.readString(errors));
      Files.delete(output);
      Files.delete(errors);
      assertTrue(ended, () -> command + " does not end");
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
