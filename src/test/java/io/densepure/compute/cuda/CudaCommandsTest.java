package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.api.LibraryRun;
import io.densepure.certify.ResultRow;
import io.densepure.certify.RunRecord;
import io.densepure.cli.DensePure;
import io.densepure.compute.HostTensor;
import io.densepure.weights.Safetensors;
import io.densepure.weights.SafetensorsWriter;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs through the command line on one and on several GPUs, whole and half broken ones. */
class CudaCommandsTest {
  private static final String LOST = "cuGraphLaunch:12:CUDA_ERROR_ILLEGAL_ADDRESS";

  @TempDir private static Path folder;

  /** On one whole device with room for everything. */
  private static ChildJvm reference;

  @BeforeAll
  static void onTheHarnessOnly() {
    assumeFalse(
        System.getProperty(NativeLibraries.FOLDERS_PROPERTY, "").isEmpty(),
        "SKIPPED: real GPUs are not as many, as small and as broken as one likes");
    reference = certify("reference", Map.of("MEMORY", "1G"));
    assertEquals(0, reference.exit(), reference.errors());
  }

  /** 28 lanes of two steps. */
  private static ChildJvm certify(String name, Map<String, String> machine, String... more) {
    String command = "certify --ids 0,1 --sigma 0.25 --N0 2 --N 12 --steps 2 --out ";
    return ChildJvm.onHarness(
        DensePure.class,
        machine,
        Stream.concat(Stream.of((command + folder.resolve(name)).split(" ")), Arrays.stream(more))
            .toArray(String[]::new));
  }

  private static List<String> rows(String name) {
    return ResultRow.read(folder.resolve(name + "_diffpure")).stream()
        .map(r -> r.idx() + " " + r.label() + " " + r.predict() + " " + r.radius())
        .toList();
  }

  private static String complaint(ChildJvm child) {
    List<String> lines =
        child.errors().lines().filter(line -> line.startsWith("densepure: ")).toList();
    assertEquals(1, lines.size(), child.errors());
    return lines.get(0);
  }

  private static int batch(ChildJvm child) {
    Pattern said = Pattern.compile("cuda:0: batch (\\d+): \\d+\\.\\d .iB of \\d+\\.\\d .iB free");
    Matcher line = said.matcher(child.errors());
    assertTrue(line.find(), child.errors());
    return Integer.parseInt(line.group(1));
  }

  @Test
  void twoDevicesGiveTheLabelsOfOneAlsoIfOneOfThemIsLost() {
    ChildJvm two =
        certify("two", Map.of("DEVICES", "2", "FAIL", LOST), "--devices", "all", "--batch", "4");
    assertEquals(0, two.exit(), two.errors());
    assertTrue(two.errors().contains("(cuda:0,") && two.errors().contains("(cuda:1,"));
    assertTrue(
        Pattern.compile("cuda:[01] failed and takes no further part: CUDA failed while")
            .matcher(two.errors())
            .find(),
        two.errors());
    assertEquals(rows("reference"), rows("two"));
  }

  @Test
  void aRunOnADeviceThatIsLostGoesOnOnTwo() throws IOException {
    ChildJvm broken = certify("broken", Map.of("FAIL", LOST), "--batch", "4");
    assertEquals(3, broken.exit(), broken.errors());
    String line = complaint(broken);
    assertTrue(line.contains("the GPU is lost to this process"), line);
    Path journal = folder.resolve("broken_diffpure.run.jsonl");
    assertTrue(line.contains(journal + "; the same command goes on"), line);
    assertTrue(Files.readString(journal).contains("\"type\":\"run\""));

    ChildJvm resumed =
        certify("broken", Map.of("DEVICES", "2"), "--devices", "1,0", "--batch", "4");
    assertEquals(0, resumed.exit(), resumed.errors());
    assertEquals(rows("reference"), rows("broken"));
  }

  @Test
  void aClassifierOfTheUsersSeesWhatTwoDevicesDenoise() throws IOException {
    ChildJvm library =
        ChildJvm.onHarness(LibraryRun.class, Map.of("DEVICES", "2", "MEMORY", "1G"), "all");
    assertEquals(0, library.exit(), library.errors());
    try (RunRecord run = RunRecord.open(folder.resolve("reference_diffpure.run.jsonl"))) {
      List<String> certificates =
          run.images().stream()
              .map(i -> i.index() + " " + i.certificate().prediction() + " " + i.certificate().nA())
              .toList();
      assertEquals(certificates, library.output());
    }
  }

  @Test
  void theBatchFitsIntoTheMemory() {
    int roomy = batch(reference);
    int tight = batch(certify("tight", Map.of("MEMORY", "56M")));
    assertEquals(28, roomy);
    assertTrue(tight < roomy, tight + " < " + roomy);
    assertEquals(rows("reference"), rows("tight"));

    ChildJvm none = certify("none", Map.of("MEMORY", "38M"));
    assertEquals(3, none.exit(), none.errors());
    String line = complaint(none);
    assertTrue(line.contains("cuda:0 has 6.0 MiB free, but these networks need"), line);
    assertTrue(Files.notExists(folder.resolve("none_diffpure.run.jsonl")));
  }

  @Test
  void aBatchThatTheMemoryHasNoRoomForIsHalved() throws IOException {
    ChildJvm asked = certify("asked", Map.of("MEMORY", "56M"), "--batch", "28");
    assertEquals(0, asked.exit(), asked.errors());
    assertTrue(asked.errors().contains("cuda:0: no memory for batches of 28; trying 14\n"));
    assertTrue(
        Pattern.compile("cuda:0: batch (14|7|3|1)\n").matcher(asked.errors()).find(),
        asked.errors());
    assertEquals(rows("reference"), rows("asked"));

    // Where the driver refuses what was planned for: the last piece, then all from the middle on.
    Path counters = folder.resolve("allocations.json");
    assertEquals(0, certify("counted", Map.of("COUNTERS", counters.toString())).exit());
    JsonNode calls = new ObjectMapper().readTree(counters.toFile()).get("calls");
    int all = calls.get("cuMemAlloc_v2").asInt();
    String refused = "cuMemAlloc_v2:%s:CUDA_ERROR_OUT_OF_MEMORY";
    ChildJvm last = certify("last", Map.of("FAIL", refused.formatted(all)));
    assertEquals(0, last.exit(), last.errors());
    assertTrue(last.errors().contains("cuda:0: no memory for batches of 28; trying 14\n"));
    assertEquals(rows("reference"), rows("last"));

    ChildJvm never = certify("never", Map.of("FAIL", refused.formatted(all / 2 + "+")));
    assertEquals(3, never.exit(), never.errors());
    assertTrue(
        complaint(never).startsWith("densepure: cuda:0: no memory even for one image at a time: "),
        never.errors());
    assertTrue(Files.notExists(folder.resolve("never_diffpure.run.jsonl")));
  }

  @Test
  void lanesWithoutAFiniteResultVoteForNoClass() {
    ChildJvm child = certify("infinite", Map.of(), "--diffusion-checkpoint", infinite().toString());
    assertEquals(2, child.exit(), child.errors());
    assertTrue(complaint(child).contains("none of 28 lanes gave a finite result"), child.errors());
  }

  /** The bundled diffusion model with an infinity in its output. */
  private static Path infinite() {
    WeightStore store = Safetensors.open(Path.of("target/classes/models/fashion_ddpm.safetensors"));
    Path file = folder.resolve("infinite.safetensors");
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (String key : store.keys()) {
      HostTensor t = key.equals("out.2.bias") ? infinite(store.get(key)) : store.get(key);
      entries.add(new SafetensorsWriter.Entry(key, t.dtype(), t.shape(), t::data));
    }
    SafetensorsWriter.write(file, Map.of(), entries);
    return file;
  }

  private static HostTensor infinite(HostTensor bias) {
    float[] values = bias.toFloats();
    values[0] = Float.NEGATIVE_INFINITY;
    return HostTensor.of(bias.name(), bias.shape(), values);
  }

  /** How often the host waited for the device in a run of one batch. */
  private static int waits(int steps) throws IOException {
    Path counters = folder.resolve("counters" + steps + ".json");
    ChildJvm child =
        ChildJvm.onHarness(
            DensePure.class,
            Map.of("COUNTERS", counters.toString()),
            ("certify --ids 0 --sigma 0.25 --N0 1 --N 3 --steps %d --batch 4 --out %s"
                    .formatted(steps, folder.resolve("steps" + steps)))
                .split(" "));
    assertEquals(0, child.exit(), child.errors());
    JsonNode calls = new ObjectMapper().readTree(counters.toFile()).get("calls");
    assertTrue(calls.get("cuGraphLaunch").asInt() >= 2 * (steps - 2), calls.toString());
    int waits = 0;
    for (String field : List.of("cuEventSynchronize", "cuStreamSynchronize", "cuCtxSynchronize")) {
      waits += calls.path(field).asInt();
    }
    return waits;
  }

  @Test
  void theHostDoesNotWaitBetweenTheStepsOfABatch() throws IOException {
    assertEquals(waits(3), waits(9));
  }

  @Test
  void aDeviceThatIsNotThereIsNamedBesideThoseThatAre() {
    ChildJvm child = certify("run", Map.of("DEVICES", "2"), "--devices", "0,2");
    assertEquals(3, child.exit(), child.errors());
    assertEquals(
        "densepure: there is no cuda:2: this machine has cuda:0, cuda:1", complaint(child));
  }
}
