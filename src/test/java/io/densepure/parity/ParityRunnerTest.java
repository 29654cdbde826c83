package io.densepure.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.ReferenceDevice;
import io.densepure.compute.Shape;
import io.densepure.parity.ParityResult.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The runner must find what is wrong: each test here breaks a case that passes. */
class ParityRunnerTest {
  @TempDir Path dir;

  private final Map<String, HostTensor> attention =
      GoldenFolder.arrays("guided_unet/attention_units.npz");
  private final Map<String, HostTensor> schedule =
      GoldenFolder.arrays("schedules/improved_cosine_20.npz");

  @Test
  void casesOfAnotherFolderWithOtherNamesPass() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    describeAttention(folder.add("anything", "of_my_own", "deep/er/x.npz", attention));
    describeSchedule(folder.add("steps-20", "tables", "y.npz", schedule));
    for (GoldenCase c : folder.suite().cases()) {
      ParityResult result = run(c);
      assertEquals(Status.PASS, result.status(), result.message());
      assertTrue(result.percentOfTolerance() <= 100, ParityTable.line(result));
    }
  }

  /** The wider tolerances for 16 bits hold, and float32's would not. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16"})
  void sixteenBitNetworksHaveTheirOwnTolerance(DType dtype) {
    GoldenCase c =
        ParitySuite.load(Path.of("src/test/reference"))
            .select(List.of(), List.of("gui_num_heads"))
            .get(0);
    try (ReferenceDevice device = new ReferenceDevice()) {
      ParityResult result = new ParityRunner().run(c, device, dtype);
      assertEquals(Status.PASS, result.status(), result.message());
      assertEquals(dtype, result.dtype());
      double fp32 = c.tolerance().allowed(0);
      assertTrue(result.maxAbsError() > 2 * fp32, ParityTable.line(result));
    }
  }

  @Test
  void oneValueBeyondTheToleranceFails() throws IOException {
    HostTensor golden = attention.get("new_h4");
    float[] values = golden.toFloats();
    float original = values[777];
    values[777] = original + 1e-4f;
    attention.put("new_h4", HostTensor.of("new_h4", golden.shape(), values));
    ParityResult result = runAttention();
    assertEquals(Status.FAIL, result.status());
    assertTrue(result.message().startsWith("new_h4: 1 of 1280 values"), result.message());
    assertEquals(1e-4, result.maxAbsError(), 1e-5);
    assertTrue(result.percentOfTolerance() > 100);
  }

  @Test
  void nanWhereThereShouldBeNoneFails() throws IOException {
    HostTensor golden = attention.get("legacy_h4");
    float[] values = golden.toFloats();
    values[3] = Float.NaN;
    attention.put("legacy_h4", HostTensor.of("legacy_h4", golden.shape(), values));
    ParityResult result = runAttention();
    assertEquals(Status.FAIL, result.status());
    assertTrue(result.message().contains("instead of NaN"), result.message());
  }

  @Test
  void anotherShapeFails() throws IOException {
    HostTensor golden = attention.get("legacy_h4");
    Shape flat = Shape.of(1, 32, 40);
    attention.put("legacy_h4", HostTensor.of("legacy_h4", flat, golden.toFloats()));
    ParityResult result = runAttention();
    assertEquals(Status.FAIL, result.status());
    assertTrue(result.message().contains("is of shape [2, 20, 32]"), result.message());
  }

  @Test
  void aDifferentIntegerFails() throws IOException {
    long[] timesteps = schedule.get("timestep_map").toLongs();
    timesteps[19]++;
    ByteBuffer bytes = ByteBuffer.allocate(8 * 20).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(timesteps);
    schedule.put("timestep_map", new HostTensor("t", DType.I64, Shape.of(20), bytes));
    ParityResult result = runSchedule();
    assertEquals(Status.FAIL, result.status());
    assertTrue(result.message().contains("first at [19]: 19 instead of 20"), result.message());
  }

  @Test
  void aMissingFileFailsByName() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    describeSchedule(folder.add("a", "g", "gone.npz", schedule));
    GoldenCase c = folder.suite().cases().get(0);
    Files.delete(dir.resolve("gone.npz"));
    ParityResult result = run(c);
    assertEquals(Status.FAIL, result.status());
    assertTrue(result.message().contains("gone.npz: no such file"), result.message());
  }

  @Test
  void aMissingArrayFailsByName() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    ObjectNode c = folder.add("a", "g", "x.npz", schedule);
    describeSchedule(c);
    ((ObjectNode) c.get("tensors")).putObject("betas_of_another_kind");
    ParityResult result = run(folder.suite().cases().get(0));
    assertEquals(Status.FAIL, result.status());
    assertTrue(result.message().contains("'betas_of_another_kind'"), result.message());
  }

  @Test
  void aDamagedFileFailsInOneLine() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    describeSchedule(folder.add("a", "g", "x.npz", schedule));
    GoldenCase c = folder.suite().cases().get(0);
    byte[] bytes = Files.readAllBytes(dir.resolve("x.npz"));
    Files.write(dir.resolve("x.npz"), Arrays.copyOf(bytes, bytes.length / 2));
    ParityResult result = run(c);
    assertEquals(Status.FAIL, result.status());
    assertTrue(result.message().contains("x.npz"), result.message());
    assertFalse(result.message().contains("\n"), result.message());
  }

  @Test
  void anArrayThatNothingChecksIsUnsupported() throws IOException {
    attention.put("surprise", HostTensor.of("surprise", Shape.of(1), 1));
    ParityResult result = runAttention();
    assertEquals(Status.UNSUPPORTED, result.status());
    assertTrue(result.message().contains("surprise"), result.message());
  }

  @Test
  void anUnknownKindOfCaseIsUnsupported() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    folder.add("a", "poetry", "x.npz", Map.of("x", HostTensor.of("x", Shape.of(1), 1)));
    ParityResult result = run(folder.suite().cases().get(0));
    assertEquals(Status.UNSUPPORTED, result.status());
    assertTrue(result.message().contains("poetry"), result.message());
  }

  @Test
  void aRunnerThatComparesNothingDoesNotPass() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    folder.add("a", "g", "x.npz", Map.of());
    ParityResult result = runWith(new Fake(comparison -> {}), folder);
    assertEquals(Status.FAIL, result.status());
    assertEquals("nothing was compared", result.message());
  }

  @Test
  void anExceptionFailsTheCaseOnly() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    folder.add("a", "g", "x.npz", Map.of());
    ParityResult result =
        runWith(
            new Fake(
                comparison -> {
                  throw new IllegalArgumentException("conv2d: two\nlines");
                }),
            folder);
    assertEquals(Status.FAIL, result.status());
    assertTrue(result.message().endsWith("conv2d: two lines"), result.message());
  }

  private ParityResult runAttention() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    describeAttention(folder.add("a", "g", "x.npz", attention));
    return run(folder.suite().cases().get(0));
  }

  private ParityResult runSchedule() throws IOException {
    GoldenFolder folder = new GoldenFolder(dir);
    describeSchedule(folder.add("a", "g", "x.npz", schedule));
    return run(folder.suite().cases().get(0));
  }

  private static void describeAttention(ObjectNode c) {
    c.put("source", "QKVAttention");
    c.putObject("tolerance").put("rtol", 1e-5).put("atol", 1e-5);
  }

  private static void describeSchedule(ObjectNode c) {
    ((ObjectNode) c.get("config")).put("schedule", "cosine").put("steps", 20);
    c.putObject("tolerance").put("rtol", 1e-12).put("atol", 1e-14);
  }

  private static ParityResult run(GoldenCase c) {
    try (ReferenceDevice device = new ReferenceDevice()) {
      return new ParityRunner().run(c, device, DType.F32);
    }
  }

  private static ParityResult runWith(CaseRunner runner, GoldenFolder folder) throws IOException {
    GoldenCase c = folder.suite().cases().get(0);
    try (ReferenceDevice device = new ReferenceDevice()) {
      return new ParityRunner(List.of(runner)).run(c, device, DType.F32);
    }
  }

  private record Fake(Consumer<Comparison> body) implements CaseRunner {
    @Override
    public boolean handles(GoldenCase c) {
      return true;
    }

    @Override
    public void run(Trial trial) {
      body.accept(trial.comparison());
    }
  }
}
