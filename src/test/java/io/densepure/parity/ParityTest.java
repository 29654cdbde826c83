package io.densepure.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.parity.ParityResult.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every golden case of the original that comes with the project, on the CPU device in float32, as
 * {@code densepure parity src/test/reference} runs them.
 */
class ParityTest {
  private static final Path FOLDER = Path.of("src/test/reference");
  private static final List<ParityResult> RESULTS = new ArrayList<>();
  private static Device device;

  @BeforeAll
  static void open() {
    device = CpuDevice.open(1);
  }

  @TestFactory
  Stream<DynamicTest> agreesWithTheOriginal() {
    List<GoldenCase> cases = ParitySuite.load(FOLDER).cases();
    assertFalse(cases.isEmpty(), FOLDER + " holds no cases");
    return cases.stream().map(c -> DynamicTest.dynamicTest(c.id(), () -> run(c)));
  }

  private static void run(GoldenCase c) {
    ParityResult result = new ParityRunner().run(c, device, DType.F32);
    RESULTS.add(result);
    if (result.status() != Status.PASS) {
      fail(ParityTable.line(result));
    }
  }

  /** The share of its tolerance that each case used, and no case left out. */
  @AfterAll
  static void report() {
    device.close();
    RESULTS.forEach(r -> System.out.println(ParityTable.line(r)));
    System.out.println(ParityTable.summary(RESULTS));
    assertEquals(ParitySuite.load(FOLDER).cases().size(), RESULTS.size(), "cases run");
  }
}
