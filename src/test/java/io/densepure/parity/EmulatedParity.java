package io.densepure.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.densepure.compute.DType;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.parity.ParityResult.Status;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Small golden cases of the original in both dtypes of an emulated processor with AVX-512. */
class EmulatedParity {
  private static final List<String> IDS = List.of("attention_units", "imp_one_head", "gui_base");

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void agreesWithTheOriginal(DType dtype) {
    try (CpuDevice device = CpuDevice.open(1)) {
      assumeTrue(device.supports(dtype), "SKIPPED: this processor has no fast " + dtype.label());
      ParitySuite suite = ParitySuite.load(Path.of("src/test/reference"));
      for (GoldenCase c : suite.select(List.of(), IDS)) {
        ParityResult result = new ParityRunner().run(c, device, dtype);
        System.out.println(ParityTable.line(result));
        assertEquals(Status.PASS, result.status(), c.id());
      }
    }
  }
}
