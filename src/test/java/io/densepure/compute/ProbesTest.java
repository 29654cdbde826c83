package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProbesTest {
  private final Device device = new ReferenceDevice();

  @Test
  void keepsWhatWasAskedForAndComputesTheSame() {
    Tensor x = device.allocate(DType.F32, Shape.of(3));
    Tensor y = device.allocate(DType.F32, Shape.of(3));
    device.upload(x, new float[] {-1, 2, 3});
    try (Probes probes = new Probes(device, name -> name.startsWith("block"));
        Program program =
            probes.record(
                ops -> {
                  Tensor relu = ops.activate(x, Activation.RELU);
                  ops.probe("block.0", () -> relu);
                  ops.probe("unasked", () -> fail("the supplier of an unasked probe was called"));
                  Tensor sum = ops.add(relu, x);
                  ops.probe("block.1", () -> sum);
                  ops.assign(y, sum);
                })) {
      program.run();
      assertEquals(List.of("block.0", "block.1"), List.copyOf(probes.kept().keySet()));
      assertArrayEquals(new float[] {0, 2, 3}, device.downloadFloats(probes.kept().get("block.0")));
      assertArrayEquals(
          new float[] {-1, 4, 6}, device.downloadFloats(probes.kept().get("block.1")));
      assertArrayEquals(new float[] {-1, 4, 6}, device.downloadFloats(y));
    }
  }

  @Test
  void twoProbesOfOneNameAreAMistake() {
    Tensor x = device.allocate(DType.F32, Shape.of(3));
    Probes probes = new Probes(device, name -> true);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                probes.record(
                    ops -> {
                      ops.probe("same", () -> x);
                      ops.probe("same", () -> x);
                    }));
    assertTrue(e.getMessage().contains("'same'"), e.getMessage());
  }

  @Test
  void errorsOfAnOperationComeThroughUnwrapped() {
    Tensor x = device.allocate(DType.F32, Shape.of(3));
    Probes probes = new Probes(device, name -> true);
    assertThrows(
        IllegalArgumentException.class, () -> probes.record(ops -> ops.upsampleNearest2x(x)));
  }
}
