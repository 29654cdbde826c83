package io.densepure.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.parity.ParityResult.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The golden cases of all classifiers on one device, in every dtype it has, and of what happens to
 * images before them; networks of more parameters than {@link #MAX_PARAMETERS} are left to {@link
 * ParityTest}.
 */
public interface ClassifierParity {
  int MAX_PARAMETERS = 10_000_000;

  /** A fresh device; the caller closes it. */
  Device open();

  @TestFactory
  default Stream<DynamicTest> classifiersAgreeWithTheOriginal() {
    ParitySuite suite = ParitySuite.load(Path.of("src/test/reference"));
    List<GoldenCase> cases =
        suite.select(Set.of("classifiers"), Set.of()).stream()
            .filter(c -> c.config().path("n_params").asInt() < MAX_PARAMETERS)
            .toList();
    assertFalse(cases.isEmpty());
    Device device = open();
    List<DynamicTest> tests = new ArrayList<>();
    for (DType dtype : List.of(DType.F32, DType.F16, DType.BF16)) {
      if (device.supports(dtype)) {
        for (GoldenCase c : cases) {
          tests.add(
              DynamicTest.dynamicTest(dtype.label() + " " + c.id(), () -> run(c, device, dtype)));
        }
      }
    }
    return tests.stream().onClose(device::close);
  }

  /** What happens to images before a classifier, which is float32 whatever its activations are. */
  @TestFactory
  default Stream<DynamicTest> preprocessingAgreesWithTheOriginal() {
    Set<String> ids = Set.of("bicubic", "nearest2x", "vit_feature_extractor", "pil_resize");
    List<GoldenCase> cases = ParitySuite.load(Path.of("src/test/reference")).select(Set.of(), ids);
    Device device = open();
    return cases.stream()
        .map(c -> DynamicTest.dynamicTest(c.id(), () -> run(c, device, DType.F32)))
        .onClose(device::close);
  }

  private static void run(GoldenCase c, Device device, DType dtype) {
    ParityResult result = new ParityRunner().run(c, device, dtype);
    System.out.println(ParityTable.line(result) + "  " + device.name());
    assertEquals(Status.PASS, result.status(), ParityTable.line(result));
  }
}
