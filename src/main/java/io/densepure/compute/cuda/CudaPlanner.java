package io.densepure.compute.cuda;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.MemoryPlanner;
import io.densepure.compute.OpChecks;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.function.Consumer;
import jcuda.driver.CUdeviceptr;

/** Records on a GPU's own libraries, which know their workspaces, but takes no memory. */
final class CudaPlanner implements MemoryPlanner {
  private final CudaDevice device;
  private final DeviceMemory memory;
  private final Gpu gpu;

  CudaPlanner(CudaDevice device, DeviceMemory memory, Gpu gpu) {
    this.device = device;
    this.memory = memory;
    this.gpu = gpu;
  }

  @Override
  public long freeBytes() {
    return device.freeBytes();
  }

  @Override
  public long bytes(Consumer<Device> body) {
    gpu.context().bind();
    Counting counting = new Counting();
    body.accept(counting);
    return counting.bytes;
  }

  /** Stands in for the device while memory is counted. */
  private final class Counting implements Device {
    private final DeviceWeights weights = new CountedWeights();
    private long bytes;

    private final class CountedWeights extends DeviceWeights {
      private CountedWeights() {
        super(memory, null);
      }

      @Override
      CUdeviceptr upload(HostTensor weight, Form form) {
        if (!gpu.weights().holds(weight, form)) {
          bytes += form.bytes(weight);
        }
        return new CUdeviceptr();
      }

      @Override
      CUdeviceptr allocateZeros(int size) {
        bytes += size;
        return new CUdeviceptr();
      }
    }

    @Override
    public String description() {
      return device.description();
    }

    @Override
    public String name() {
      return device.name();
    }

    @Override
    public boolean supports(DType dtype) {
      return device.supports(dtype);
    }

    @Override
    public Tensor allocate(DType dtype, Shape shape) {
      OpChecks.allocate(dtype, shape);
      memory.requireStorable(dtype);
      long size = shape.elements() * dtype.bytes();
      bytes += size;
      return new CudaTensor(dtype, shape, Storage.persistent(size, memory, new CUdeviceptr()));
    }

    @Override
    public Program record(Consumer<Ops> body) {
      Recording recording = new Recording(memory);
      body.accept(new CudaOps(gpu.with(weights), recording));
      long arenaBytes = recording.plan().totalBytes();
      bytes += arenaBytes;
      return new CountedProgram(arenaBytes);
    }

    /** Frees nothing: all is taken to live side by side. */
    @Override
    public void free(Tensor persistent) {}

    @Override
    public void upload(Tensor persistent, float[] source) {
      throw noData();
    }

    @Override
    public void upload(Tensor persistent, int[] source) {
      throw noData();
    }

    @Override
    public float[] downloadFloats(Tensor persistent) {
      throw noData();
    }

    @Override
    public int[] downloadInts(Tensor persistent) {
      throw noData();
    }

    @Override
    public void synchronize() {}

    @Override
    public void close() {}
  }

  /** What {@link Counting#record} returns. */
  private record CountedProgram(long arenaBytes) implements Program {
    @Override
    public void run() {
      throw noData();
    }

    @Override
    public void close() {}
  }

  private static IllegalStateException noData() {
    return new IllegalStateException("memory is only being counted: there is no data");
  }
}
