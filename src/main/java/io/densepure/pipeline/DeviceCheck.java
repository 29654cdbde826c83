package io.densepure.pipeline;

import io.densepure.DeviceException;
import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.MemoryPlanner;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * A device that was opened and made to compute something small.
 *
 * @param name as for {@code --backend}
 * @param description one line, or null if it did not open
 * @param freeBytes of memory of its own, or 0 if it has none
 * @param dtypes what it stores activations as
 * @param problem why it does not work, or null
 */
public record DeviceCheck(
    String name, String description, long freeBytes, List<DType> dtypes, String problem) {
  private static final int SIDE = 4;
  private static final int CHANNELS = 8;

  /** Nine taps of eight ones, less this, remain positive only where no tap lies in the padding. */
  private static final float BIAS = -60;

  /** The four inner pixels have (72 - 60) in each channel; all of them are added up. */
  private static final float EXPECTED = 4 * CHANNELS * (9 * CHANNELS + BIAS);

  static DeviceCheck of(String name, Supplier<Device> open) {
    try (Device device = open.get()) {
      float result = compute(device);
      String problem =
          result == EXPECTED ? null : "computed " + result + " in a small network, not " + EXPECTED;
      long free = device.memoryPlanner().map(MemoryPlanner::freeBytes).orElse(0L);
      return new DeviceCheck(name, device.description(), free, Backends.dtypes(device), problem);
    } catch (DeviceException e) {
      return new DeviceCheck(name, null, 0, List.of(), e.getMessage());
    }
  }

  public boolean works() {
    return problem == null;
  }

  /** A convolution and a linear layer, in numbers that no order of summation rounds. */
  private static float compute(Device device) {
    Tensor x = device.allocate(DType.F32, Shape.of(1, SIDE, SIDE, CHANNELS));
    Tensor sum = device.allocate(DType.F32, Shape.of(1, 1));
    device.upload(x, filled(SIDE * SIDE * CHANNELS, 1));
    HostTensor filter = constant("filter", 1, CHANNELS, CHANNELS, 3, 3);
    HostTensor bias = constant("bias", BIAS, CHANNELS);
    HostTensor sums = constant("sums", 1, 1, SIDE * SIDE * CHANNELS);
    try (Program program =
        device.record(
            ops -> {
              Tensor y = ops.conv2d(x, filter, bias, 1, 1, Epilogue.NONE.then(Activation.RELU));
              Tensor flat = ops.reshape(y, Shape.of(1, SIDE * SIDE * CHANNELS));
              ops.assign(sum, ops.linear(flat, sums, null, Epilogue.NONE));
            })) {
      program.run();
      return device.downloadFloats(sum)[0];
    }
  }

  private static HostTensor constant(String name, float value, int... dims) {
    Shape shape = Shape.of(dims);
    return HostTensor.of(name, shape, filled(Math.toIntExact(shape.elements()), value));
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }
}
