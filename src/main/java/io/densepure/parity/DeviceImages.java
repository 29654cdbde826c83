package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.function.BiFunction;

/** One batch of images to a device, through a program and back. */
final class DeviceImages {
  private DeviceImages() {}

  /**
   * @param images of {@code shape}, {@code [N, C, H, W]}
   * @param out of the result, {@code [N, C, H, W]} or {@code [N, K]}
   * @return the result in float32, channels second
   */
  static float[] run(
      Device device,
      float[] images,
      Shape shape,
      Shape out,
      BiFunction<Ops, Tensor, Tensor> operation) {
    Tensor x = device.allocate(DType.F32, Layout.channelsLast(shape));
    Tensor y = device.allocate(DType.F32, Layout.channelsLast(out));
    device.upload(x, Layout.channelsLast(images, shape));
    try (Program program = device.record(ops -> ops.assign(y, operation.apply(ops, x)))) {
      program.run();
      return Layout.channelsFirst(device.downloadFloats(y), Layout.channelsLast(out));
    } finally {
      device.free(x);
      device.free(y);
    }
  }
}
