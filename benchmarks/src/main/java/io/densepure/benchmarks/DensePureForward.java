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
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A network run by our CPU backend, recorded as in production: each thread computes a part of the
 * batch by itself.
 */
final class DensePureForward implements ForwardPass {
  /** One thread's part of the batch. */
  private record Part(Device device, Tensor result, Program program) {
    void run() {
      program.run();
      device.synchronize();
    }
  }

  private final List<Part> parts;
  private final ExecutorService threads;

  private DensePureForward(List<Part> parts) {
    this.parts = parts;
    threads = Executors.newFixedThreadPool(parts.size());
  }

  static DensePureForward open(
      Network network, WeightStore weights, List<HostTensor> inputs, DType dtype, int threads) {
    int batch = inputs.get(0).shape().dim(0);
    if (batch % threads != 0) {
      throw new IllegalArgumentException(
          "a batch of " + batch + " cannot be shared evenly by " + threads + " threads");
    }
    int share = batch / threads;
    Network.Recording body = network.densepure(weights, dtype);
    List<Part> parts = new ArrayList<>();
    for (CpuDevice device : CpuDevice.openTeam(threads)) {
      List<Tensor> arguments = new ArrayList<>();
      for (HostTensor input : inputs) {
        arguments.add(upload(device, channelsLast(input), parts.size() * share, share, batch));
      }
      Tensor result = device.allocate(DType.F32, network.outputShape(share));
      Program program = device.record(ops -> ops.assign(result, body.record(ops, arguments)));
      parts.add(new Part(device, result, program));
    }
    return new DensePureForward(parts);
  }

  /** Images {@code from} to {@code from + count}; what all images share is uploaded whole. */
  private static Tensor upload(Device device, HostTensor input, int from, int count, int batch) {
    float[] values = input.toFloats();
    Shape shape = input.shape();
    if (shape.dim(0) == batch) {
      int image = values.length / batch;
      values = Arrays.copyOfRange(values, from * image, (from + count) * image);
      int[] dims = shape.toArray();
      dims[0] = count;
      shape = Shape.of(dims);
    }
    Tensor tensor = device.allocate(DType.F32, shape);
    device.upload(tensor, values);
    return tensor;
  }

  @Override
  public void run() {
    CompletableFuture.allOf(
            parts.stream()
                .map(part -> CompletableFuture.runAsync(part::run, threads))
                .toArray(CompletableFuture[]::new))
        .join();
  }

  @Override
  public float[] output() {
    run();
    float[][] outputs = new float[parts.size()][];
    for (int i = 0; i < outputs.length; i++) {
      Part part = parts.get(i);
      float[] values = part.device.downloadFloats(part.result);
      Shape s = part.result.shape();
      outputs[i] =
          s.rank() == 4 ? transpose(values, s.dim(0), s.dim(1) * s.dim(2), s.dim(3)) : values;
    }
    float[] all = new float[outputs.length * outputs[0].length];
    for (int i = 0; i < outputs.length; i++) {
      System.arraycopy(outputs[i], 0, all, i * outputs[i].length, outputs[i].length);
    }
    return all;
  }

  @Override
  public void close() {
    threads.shutdown();
    for (Part part : parts) {
      part.program.close();
      part.device.close();
    }
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
