package io.densepure.compute.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.DeviceException;
import io.densepure.DeviceMemoryException;
import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.OpCase;
import io.densepure.compute.OpCases;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu;

/** What is particular to this backend; the rest is in {@link CpuDeviceContractTest}. */
class CpuDeviceTest {
  @Test
  void describesItself() {
    try (CpuDevice device = CpuDevice.open(2)) {
      assertTrue(
          device.description().matches("cpu: oneDNN 3\\.\\d+\\.\\d+, 2 threads, \\w+"),
          device.description());
      assertEquals("cpu", device.name());
      assertFalse(device.supports(DType.F16));
    }
    assertThrows(IllegalArgumentException.class, () -> CpuDevice.open(0));
  }

  /** The system may promise it all the same, and end the process when it is used. */
  @Test
  void moreThanTheMachineHasIsRefusedAtOnce() {
    try (CpuDevice device = CpuDevice.open(1)) {
      int columns = Math.toIntExact((Pointer.totalPhysicalBytes() >> 22) + 1);
      Shape tooLarge = Shape.of(1 << 20, columns);
      DeviceMemoryException e =
          assertThrows(DeviceMemoryException.class, () -> device.allocate(DType.F32, tooLarge));
      assertTrue(e.getMessage().contains("more than the machine's"), e.getMessage());
      assertThrows(DeviceMemoryException.class, () -> new NativeMemory(-1));
    }
  }

  @Test
  void devicesOfATeamShareWeights() {
    List<CpuDevice> team = CpuDevice.openTeam(2);
    assertSame(team.get(0).weights(), team.get(1).weights());
    team.get(0).close();
    CpuDevice late = team.get(1).another();
    assertSame(team.get(1).weights(), late.weights());
    team.get(1).close();
    late.close();
    try (CpuDevice later = late.another()) {
      assertNotSame(late.weights(), later.weights(), "they have been freed");
    }
  }

  /** Opens the device in a JVM of its own and prints how that failed. */
  static final class OpenInVain {
    public static void main(String[] args) {
      try {
        CpuDevice.open();
      } catch (DeviceException e) {
        System.out.print(e.getMessage());
      }
    }
  }

  @Test
  void aMissingLibraryIsExplainedInOneLine() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.bytedeco.javacpp.platform=linux-none",
                "-cp",
                System.getProperty("java.class.path"),
                OpenInVain.class.getName())
            .start();
    String message = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(message.startsWith("cpu: oneDNN's native library cannot be loaded"), message);
    assertTrue(message.contains("org.bytedeco.javacpp.cachedir"), message);
    assertEquals(1, message.lines().count(), message);
  }

  /** ND4J sets OpenMP's thread count for the thread that loads it; ours must not hear of it. */
  @Test
  @Timeout(60)
  void computesWithTheThreadsAskedForWhateverNd4jDid() throws Exception {
    new Nd4jCpu().setOmpNumThreads(1);
    for (int threads : new int[] {2, 3, 1, 2}) {
      try (CpuDevice device = CpuDevice.open(threads);
          Program p = convolution(device)) {
        Map<Path, Integer> before = cpuTicks();
        Set<Path> working = new HashSet<>();
        long start = System.nanoTime();
        for (long ms = 0; ms < (working.size() < threads ? 20_000 : 300); ms = since(start)) {
          p.run();
          cpuTicks().forEach((t, ticks) -> addIf(ticks > before.getOrDefault(t, 0), t, working));
        }
        assertEquals(threads, working.size());
      }
    }
  }

  private static long since(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1_000_000;
  }

  private static void addIf(boolean works, Path thread, Set<Path> working) {
    if (works) {
      working.add(thread);
    }
  }

  private static Program convolution(CpuDevice device) {
    Tensor x = device.allocate(DType.F32, Shape.of(8, 32, 32, 32));
    HostTensor w = HostTensor.of("w", Shape.of(32, 32, 3, 3), new float[32 * 32 * 9]);
    return device.record(ops -> ops.assign(x, ops.conv2d(x, w, null, 1, 1, Epilogue.NONE)));
  }

  /** Memory that malloc and OpenMP keep for each thread would grow otherwise. */
  @Test
  void devicesThatAreOpenedLaterTakeTheThreadsOfClosedOnes() throws IOException {
    openAndClose(2);
    Set<Path> threads = cpuTicks().keySet();
    for (int i = 0; i < 5; i++) {
      openAndClose(2);
    }
    assertEquals(threads, cpuTicks().keySet());
    openAndClose(threads.size() + 1);
    assertTrue(cpuTicks().size() > threads.size(), "each device has a thread of its own");
  }

  private static void openAndClose(int team) {
    List<CpuDevice> devices = CpuDevice.openTeam(team);
    devices.forEach(device -> convolution(device).run());
    devices.forEach(CpuDevice::close);
  }

  /** The time that each thread of a device has computed; OpenMP's threads inherit its name. */
  private static Map<Path, Integer> cpuTicks() throws IOException {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks
          .map(task -> task.resolve("stat"))
          .filter(stat -> read(stat).contains("(densepure-cpu)"))
          .collect(Collectors.toMap(stat -> stat, CpuDeviceTest::ticks));
    }
  }

  private static int ticks(Path stat) {
    String[] fields = read(stat).replaceAll(".*\\) ", "").split(" "); // from the third on
    return Integer.parseInt(fields[11]) + Integer.parseInt(fields[12]);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) { // it ended meanwhile
      return "";
    }
  }

  /** oneDNN falls back to slow reference code in silence. */
  @Test
  void nothingInThePapersNetworksRunsOnReferenceCode() {
    try (CpuDevice device = CpuDevice.open(1)) {
      for (DType dtype : List.of(DType.F32, DType.BF16)) {
        if (!device.supports(dtype)) {
          continue;
        }
        List<OpCase> cases = new ArrayList<>(OpCases.cifar10UNet(8));
        cases.addAll(OpCases.classifiers(4));
        cases.addAll(OpCases.all());
        for (OpCase c : cases) {
          if (c.runsOn(device, dtype)) {
            assertFast(device, c, dtype);
          }
        }
      }
    }
  }

  private static void assertFast(CpuDevice device, OpCase c, DType dtype) {
    List<Tensor> in =
        c.inputs().stream().map(i -> device.allocate(i.dtype(dtype), i.shape())).toList();
    try (CpuProgram program = device.record(ops -> c.body().record(ops, in))) {
      program
          .steps()
          .forEach(
              step ->
                  assertFalse(
                      step.implementation().contains("ref"),
                      c + " in " + dtype + ": " + step.kind() + " " + step.implementation()));
    }
    in.forEach(device::free);
  }

  @Test
  void resultsGoStraightToWhereTheyAreAssigned() {
    try (CpuDevice device = CpuDevice.open(2)) {
      Tensor x = device.allocate(DType.F32, Shape.of(1000));
      Tensor y = device.allocate(DType.F32, Shape.of(1000));
      try (CpuProgram program =
          device.record(
              ops -> {
                Tensor v = ops.activate(x, Activation.SILU);
                v = ops.activate(v, Activation.RELU);
                ops.assign(y, ops.add(v, v));
              })) {
        assertEquals(List.of("activate", "activate", "add"), kinds(program));
        assertEquals(4032, program.arenaBytes(), "one place for both activations");
      }
      try (CpuProgram program =
          device.record(ops -> ops.assign(y, ops.activate(x, Activation.SILU)))) {
        assertEquals(0, program.arenaBytes());
        assertEquals(List.of("activate"), kinds(program));
      }
    }
  }

  private static List<String> kinds(CpuProgram program) {
    return program.steps().stream().map(Step::kind).toList();
  }

  @Test
  void profilesByKind() {
    try (CpuDevice device = CpuDevice.open(2)) {
      Tensor x = device.allocate(DType.F32, Shape.of(2, 8, 8, 32));
      HostTensor ones = HostTensor.of("ones", Shape.of(32), new float[32]);
      try (CpuProgram program =
          device.record(
              ops -> {
                Tensor v = ops.groupNorm(x, ones, ones, 4, 1e-5f, null, Activation.SILU);
                v = ops.groupNorm(v, ones, ones, 4, 1e-5f, null, Activation.SILU);
                ops.assign(x, v);
              })) {
        List<CpuProgram.StepTime> profile = program.profile();
        for (CpuProgram.StepTime time : profile) {
          assertTrue(time.calls() == 2 && time.nanos() > 0, time.toString());
        }
        assertEquals(
            Map.of(
                "groupNorm statistics", "jit_instance:uni",
                "groupNorm merging", "java",
                "groupNorm", "jit_instance:uni"),
            profile.stream()
                .filter(time -> !time.kind().equals("groupNorm activation"))
                .collect(
                    Collectors.toMap(
                        CpuProgram.StepTime::kind, CpuProgram.StepTime::implementation)));
        for (int i = 1; i < profile.size(); i++) {
          assertTrue(profile.get(i - 1).nanos() >= profile.get(i).nanos(), "the longest first");
        }
      }
    }
  }

  @Test
  void weightsAreLaidOutOnce() {
    try (CpuDevice device = CpuDevice.open(2)) {
      HostTensor w = HostTensor.of("w", Shape.of(8), 1, 2, 3, 4, 5, 6, 7, 8);
      var plain = OneDnn.vector(DType.F32, 8);
      var first = device.weights().get(w, plain, plain);
      assertSame(first, device.weights().get(w, OneDnn.vector(DType.F32, 8), plain));
      assertTrue(first != device.weights().get(w, plain, OneDnn.vector(DType.BF16, 8)));
    }
  }

  @Test
  void aTensorThatAnOpenProgramUsesIsNotFreed() {
    try (CpuDevice device = CpuDevice.open(2)) {
      Tensor x = device.allocate(DType.F32, Shape.of(4));
      Tensor y = device.allocate(DType.F32, Shape.of(4));
      try (Program program = device.record(ops -> ops.assign(y, ops.add(x, x)))) {
        assertThrows(IllegalStateException.class, () -> device.free(x));
        assertThrows(IllegalStateException.class, () -> device.free(y));
        program.run();
      }
      device.free(x);
      device.free(y);
    }
  }

  @Test
  void labelsOutsideTheTableAreRefusedWhenTheyAreLookedUp() {
    try (CpuDevice device = CpuDevice.open(2)) {
      Tensor ids = device.allocate(DType.I32, Shape.of(2));
      Tensor out = device.allocate(DType.F32, Shape.of(2, 1));
      HostTensor table = HostTensor.of("table", Shape.of(3, 1), 10, 20, 30);
      Program program = device.record(ops -> ops.assign(out, ops.embedding(ids, table)));
      for (int wrong : new int[] {-1, 3}) {
        device.upload(ids, new int[] {1, wrong});
        var e = assertThrows(IllegalArgumentException.class, program::run);
        assertEquals("embedding: id " + wrong + " is not in [0, 3)", e.getMessage());
      }
      device.upload(ids, new int[] {2, 0});
      program.run();
      assertArrayEquals(new float[] {30, 10}, device.downloadFloats(out));
    }
  }

  /** 60 programs of 16 MiB each, and as much in tensors and weights: far more than may stay. */
  @Test
  void closingGivesMemoryBack() {
    long before = Pointer.physicalBytes();
    for (int device = 0; device < 3; device++) {
      try (CpuDevice cpu = CpuDevice.open(2)) {
        for (int i = 0; i < 20; i++) {
          Tensor x = cpu.allocate(DType.F32, Shape.of(4 << 20));
          try (Program program =
              cpu.record(
                  ops -> {
                    Tensor v = ops.activate(x, Activation.SILU);
                    ops.assign(x, ops.activate(v, Activation.RELU));
                  })) {
            program.run();
          }
          cpu.free(x);
        }
        Tensor row = cpu.allocate(DType.F32, Shape.of(1, 2048));
        HostTensor w = HostTensor.of("w", Shape.of(2048, 2048), new float[4 << 20]);
        cpu.record(ops -> ops.assign(row, ops.linear(row, w, null, Epilogue.NONE))).run();
      }
    }
    long grown = Pointer.physicalBytes() - before;
    assertTrue(grown < 400L << 20, "grew by " + (grown >> 20) + " MiB");
  }
}
