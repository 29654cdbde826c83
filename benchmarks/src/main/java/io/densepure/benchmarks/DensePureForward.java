package io.densepure.benchmarks;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.weights.WeightStore;
import java.util.ArrayList;
import java.util.List;

/** A network run by our CPU backend, recorded as in production. */
final class DensePureForward implements ForwardPass {
  private final Device device;
  private final Tensor result;
  private final Program program;

  private DensePureForward(Device device, Tensor result, Program program) {
    this.device = device;
    this.result = result;
    this.program = program;
  }

  static DensePureForward open(
      Network network, WeightStore weights, List<HostTensor> inputs, DType dtype, int threads) {
    Device device = CpuDevice.open(threads);
    List<Tensor> arguments = new ArrayList<>();
    for (HostTensor input : inputs) {
      HostTensor nhwc = channelsLast(input);
      Tensor argument = device.allocate(DType.F32, nhwc.shape());
      device.upload(argument, nhwc.toFloats());
      arguments.add(argument);
    }
    int batch = inputs.get(0).shape().dim(0);
    Tensor result = device.allocate(DType.F32, network.outputShape(batch));
    Network.Recording body = network.densepure(weights, dtype);
    Program program = device.record(ops -> ops.assign(result, body.record(ops, arguments)));
    return new DensePureForward(device, result, program);
  }

  @Override
  public void run() {
    program.run();
    device.synchronize();
  }

  @Override
  public float[] output() {
    run();
    float[] values = device.downloadFloats(result);
    Shape s = result.shape();
    return s.rank() == 4 ? transpose(values, s.dim(0), s.dim(1) * s.dim(2), s.dim(3)) : values;
  }

  @Override
  public void close() {
    program.close();
    device.close();
  }

  private static HostTensor channelsLast(HostTensor t) {
    Shape s = t.shape();
    if (s.rank() != 4) {
      return t;
    }
    Shape nhwc = Shape.of(s.dim(0), s.dim(2), s.dim(3), s.dim(1));
    float[] values = transpose(t.toFloats(), s.dim(0), s.dim(1), s.dim(2) * s.dim(3));
    return HostTensor.of(t.name(), nhwc, values);
  }

  /** {@code [n, rows, columns]} to {@code [n, columns, rows]}. */
  private static float[] transpose(float[] x, int n, int rows, int columns) {
    float[] out = new float[x.length];
    for (int i = 0; i < n; i++) {
      int base = i * rows * columns;
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          out[base + c * rows + r] = x[base + r * columns + c];
        }
      }
    }
    return out;
  }
}
