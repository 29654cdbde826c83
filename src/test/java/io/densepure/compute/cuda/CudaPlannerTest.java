package io.densepure.compute.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.MemoryPlanner;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import org.junit.jupiter.api.Test;

/** What the planner counts is what is taken afterwards. */
class CudaPlannerTest {
  private static final int CHANNELS = 64;

  /** What the driver rounds an allocation up to, at most. */
  private static final long GRAIN = 2 << 20;

  private static final HostTensor FILTER =
      HostTensor.of(
          "filter", Shape.of(CHANNELS, CHANNELS, 3, 3), new float[CHANNELS * CHANNELS * 9]);

  private static final HostTensor BIAS =
      HostTensor.of("bias", Shape.of(CHANNELS), new float[CHANNELS]);

  private static Program network(Device device, int batch) {
    Tensor x = device.allocate(DType.F32, Shape.of(batch, 32, 32, CHANNELS));
    return device.record(
        ops -> {
          Tensor y = ops.conv2d(x, FILTER, BIAS, 1, 1, Epilogue.NONE);
          Tensor z = ops.groupNorm(y, BIAS, BIAS, 32, 1e-5f, null, Activation.SILU);
          ops.assign(x, ops.add(z, y));
        });
  }

  @Test
  void nothingIsTakenAndThenWhatWasPlanned() {
    try (CudaDevice device = CudaDevice.open(0)) {
      MemoryPlanner planner = device.memoryPlanner().orElseThrow();
      long before = planner.freeBytes();
      long small = planner.bytes(counting -> network(counting, 8));
      long planned = planner.bytes(counting -> network(counting, 64));
      assertEquals(before, planner.freeBytes());
      assertTrue(small < planned / 4, small + " against " + planned);

      Program program = network(device, 64);
      long taken = before - planner.freeBytes();
      assertEquals(planned, taken, 5 * GRAIN); // x, filter, two vectors, intermediate results
      assertTrue(taken > 40 << 20, "too little to tell anything: " + taken);

      long again = planner.bytes(counting -> network(counting, 64));
      assertEquals(planned - 4 * (FILTER.shape().elements() + 2 * CHANNELS), again, 4 * CHANNELS);
      program.close();
    }
  }

  @Test
  void whatOnlyCountsHoldsNoData() {
    try (CudaDevice device = CudaDevice.open(0)) {
      device
          .memoryPlanner()
          .orElseThrow()
          .bytes(
              counting -> {
                Tensor x = counting.allocate(DType.F32, Shape.of(2));
                Program program = counting.record(ops -> ops.assign(x, ops.add(x, x)));
                assertThrows(IllegalStateException.class, program::run);
                assertThrows(IllegalStateException.class, () -> counting.upload(x, new float[2]));
                assertThrows(IllegalStateException.class, () -> counting.downloadFloats(x));
                assertThrows(
                    IllegalArgumentException.class,
                    () -> counting.record(ops -> ops.assign(x, ops.cast(x, DType.F64))));
              });
    }
  }
}
