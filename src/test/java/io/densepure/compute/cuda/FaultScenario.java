package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.QkvLayout;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.Arrays;

/**
 * A whole life of a device, several times over in one process: open, record a small network, run it
 * three times (launches, capture, replay), read the labels, close. Prints one line each time:
 * {@code ok} and the labels, or {@code failed} and the error's message.
 */
final class FaultScenario {
  private FaultScenario() {}

  /**
   * @param args how many lives
   */
  public static void main(String[] args) {
    for (int i = 0; i < Integer.parseInt(args[0]); i++) {
      try {
        System.out.println("ok " + Arrays.toString(life()));
      } catch (DeviceException e) {
        System.out.println("failed " + e.getMessage());
      }
    }
  }

  private static int[] life() {
    try (CudaDevice device = CudaDevice.open(0)) {
      if (!device.description().contains(device.name())) {
        throw new AssertionError(device.description());
      }
      Tensor x = device.allocate(DType.F32, Shape.of(2, 4, 4, 16));
      Tensor labels = device.allocate(DType.I32, Shape.of(2));
      device.upload(x, values(2 * 4 * 4 * 16));
      try (Program program = device.record(ops -> ops.assign(labels, network(ops, x)))) {
        for (int run = 0; run < 3; run++) {
          program.run();
        }
        device.synchronize();
        return device.downloadInts(labels);
      } finally {
        device.free(x);
      }
    }
  }

  /** Each kind of operation once: a library's, a fused one, our own kernels. */
  private static Tensor network(Ops ops, Tensor x) {
    Tensor h = ops.groupNorm(x, weight(16), weight(16), 4, 1e-5f, null, Activation.SILU);
    h = ops.conv2d(h, weight(16, 16, 3, 3), weight(16), 1, 1, Epilogue.residual(x));
    h = ops.conv2d(h, weight(16, 16, 3, 3), null, 1, 1, Epilogue.NONE);
    Tensor qkv =
        ops.linear(ops.reshape(h, Shape.of(2, 16, 16)), weight(48, 16), null, Epilogue.NONE);
    Tensor a = ops.attention(qkv, 2, QkvLayout.QKV_FIRST);
    return ops.argmax(
        ops.linear(ops.reshape(a, Shape.of(2, 256)), weight(10, 256), weight(10), Epilogue.NONE));
  }

  private static HostTensor weight(int... dims) {
    Shape shape = Shape.of(dims);
    return HostTensor.of("w" + shape, shape, values(Math.toIntExact(shape.elements())));
  }

  /** Fixed, of either sign, never the same twice in a row. */
  private static float[] values(int count) {
    float[] v = new float[count];
    for (int i = 0; i < count; i++) {
      v[i] = (float) Math.sin(1.7 * i + count);
    }
    return v;
  }
}
