package io.densepure.compute.cuda;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import jcuda.driver.CUdeviceptr;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnHandle;

/**
 * What a recorded program would launch: its steps are run against libraries and kernels that only
 * take notes, so networks of any size can be counted. Needs the harness, or a GPU, for cuDNN's
 * answers.
 */
final class Launches {
  /**
   * One launch.
   *
   * @param kernel ours by name, or {@code cuDNN} or {@code cuBLAS}
   * @param operations floating-point, of products and sums of products only
   * @param bytes of all operands: what must at least move
   */
  record Launch(String kernel, long operations, long bytes) {}

  private final List<Launch> all = new ArrayList<>();
  private final Map<CUdeviceptr, Long> sizes = new IdentityHashMap<>();

  private Launches() {}

  List<Launch> all() {
    return all;
  }

  /** Those of one kernel or library. */
  Stream<Launch> of(String kernel) {
    return all.stream().filter(l -> l.kernel().equals(kernel));
  }

  /** A network on inputs that {@code input} makes. */
  interface Network {
    void record(Ops ops, BiFunction<DType, Shape, Tensor> input);
  }

  static Launches of(Network network) {
    CudaRuntime.require();
    Launches launches = new Launches();
    try (CudaContext context = new CudaContext(0);
        DeviceMemory memory = new DeviceMemory(context);
        Kernels kernels = launches.new CountedKernels(context);
        Cudnn cudnn = launches.new CountedCudnn(context);
        Cublas cublas =
            launches
            .new CountedCublas(context, memory.allocate(Cublas.workspaceBytes(), "cuBLAS"))) {
      context.bind();
      Gpu gpu = new Gpu(context, launches.new CountedWeights(memory), kernels, cudnn, cublas);
      Recording recording = new Recording(memory);
      network.record(
          new CudaOps(gpu, recording), (dtype, shape) -> launches.input(dtype, shape, memory));
      for (Storage storage : recording.used()) {
        storage.place(launches.pointer(storage.block().bytes()));
      }
      recording.steps().forEach(Runnable::run);
    }
    return launches;
  }

  private Tensor input(DType dtype, Shape shape, DeviceMemory memory) {
    long bytes = shape.elements() * dtype.bytes();
    return new CudaTensor(dtype, shape, Storage.persistent(bytes, memory, pointer(bytes)));
  }

  /** To nowhere. */
  private CUdeviceptr pointer(long bytes) {
    CUdeviceptr pointer = new CUdeviceptr();
    sizes.put(pointer, bytes);
    return pointer;
  }

  private long size(Object argument) {
    if (argument instanceof CudaTensor t) {
      return t.bytes();
    }
    return argument instanceof CUdeviceptr p ? sizes.get(p) : 0;
  }

  private final class CountedWeights extends DeviceWeights {
    CountedWeights(DeviceMemory memory) {
      super(memory, null);
    }

    @Override
    CUdeviceptr upload(HostTensor weight, Form form) {
      return pointer(form.bytes(weight));
    }

    @Override
    CUdeviceptr allocateZeros(int bytes) {
      return pointer(bytes);
    }
  }

  private final class CountedKernels extends Kernels {
    CountedKernels(CudaContext context) {
      super(context, KernelImages.standard());
    }

    @Override
    Kernel get(String file, String variant) {
      super.get(file, variant); // there must be one
      return new CountedKernel(file);
    }
  }

  private final class CountedKernel extends Kernel {
    private final String file;

    CountedKernel(String file) {
      super(file, null, null);
      this.file = file;
    }

    @Override
    void launch(Grid grid, Object... arguments) {
      long bytes = 0;
      for (Object argument : arguments) {
        bytes += size(argument);
      }
      all.add(new Launch(file, file.equals("attention") ? attention(grid, arguments) : 0, bytes));
    }

    /** Two products of [T, d] matrices for each head of each image. */
    private static long attention(Grid grid, Object... arguments) {
      long tokens = (Integer) arguments[2];
      long headSize = (Integer) arguments[3];
      return 4 * tokens * tokens * headSize * grid.y() * grid.z();
    }
  }

  private final class CountedCublas extends Cublas {
    CountedCublas(CudaContext context, CUdeviceptr workspace) {
      super(context, workspace, false);
    }

    @Override
    void product(
        CUdeviceptr x,
        CUdeviceptr weight,
        CUdeviceptr y,
        int rows,
        int in,
        int out,
        DType dtype,
        DType outType) {
      long bytes = dtype.bytes() * ((long) rows * in + (long) in * out);
      all.add(
          new Launch("cuBLAS", 2L * rows * in * out, bytes + outType.bytes() * (long) rows * out));
    }
  }

  private final class CountedCudnn extends Cudnn {
    CountedCudnn(CudaContext context) {
      super(context, false);
    }

    @Override
    Convolution plan(
        cudnnHandle cudnn,
        ConvolutionShape shape,
        Map<Activation, cudnnActivationDescriptor> fusible) {
      return new CountedConvolution(cudnn, shape, fusible);
    }
  }

  private final class CountedConvolution extends Convolution {
    private final ConvolutionShape shape;

    CountedConvolution(
        cudnnHandle cudnn,
        ConvolutionShape shape,
        Map<Activation, cudnnActivationDescriptor> fusible) {
      super(cudnn, shape, false, fusible);
      this.shape = shape;
    }

    @Override
    void run(CUdeviceptr input, CUdeviceptr weight, CUdeviceptr workspace, CUdeviceptr result) {
      add(0);
    }

    @Override
    boolean runFused(
        CUdeviceptr input,
        CUdeviceptr weight,
        CUdeviceptr workspace,
        CUdeviceptr biasVector,
        CUdeviceptr residual,
        Activation activation,
        CUdeviceptr result) {
      boolean fused = isFusing() && isVectorized(shape.x()) && isVectorized(shape.y());
      if (fused) {
        add(residual == null ? 0 : shape.y().elements());
      }
      return fused;
    }

    /** What cuDNN's documentation asks for where channels come last: 16 bytes at a time. */
    private boolean isVectorized(Shape images) {
      return images.dim(3) * shape.dtype().bytes() % 16 == 0;
    }

    private void add(long residualElements) {
      Shape w = shape.weight();
      long elements = shape.x().elements() + w.elements() + shape.y().elements() + residualElements;
      long operations = 2 * shape.y().elements() * w.dim(1) * w.dim(2) * w.dim(3);
      all.add(new Launch("cuDNN", operations, elements * shape.dtype().bytes()));
    }
  }
}
