package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.MemoryPlanner;
import io.densepure.compute.OpChecks;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Pointer;

/**
 * One NVIDIA GPU: convolutions by cuDNN, matrix products by cuBLAS, everything else by kernels of
 * ours. All work goes to one stream and returns at once; only downloads and {@link #synchronize}
 * wait.
 */
public final class CudaDevice implements Device {
  private final CudaOptions options;
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();
  private final Set<CudaProgram> programs = new HashSet<>();
  private final CudaContext context;
  private final DeviceMemory memory;
  private final Transfers transfers;
  private final Gpu gpu;
  private boolean closed;

  private CudaDevice(int ordinal, CudaOptions options, KernelImages images) {
    this.options = options;
    try {
      context = own(new CudaContext(ordinal));
      memory = own(new DeviceMemory(context));
      transfers = own(new Transfers(context));
      Kernels kernels = own(new Kernels(context, images));
      Cudnn cudnn = own(new Cudnn(context, options.allowTf32()));
      Cublas cublas =
          own(
              new Cublas(
                  context,
                  memory.allocate(Cublas.workspaceBytes(), "cuBLAS"),
                  options.allowTf32()));
      DeviceWeights weights = new DeviceWeights(memory, transfers);
      gpu = new Gpu(context, weights, kernels, cudnn, cublas);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** As {@link #open(int, CudaOptions)} with {@link CudaOptions#DEFAULT}. */
  public static CudaDevice open(int ordinal) {
    return open(ordinal, CudaOptions.DEFAULT);
  }

  /**
   * Opens a GPU.
   *
   * @param ordinal from 0, as the driver numbers them (see {@code CUDA_VISIBLE_DEVICES})
   * @throws DeviceException if CUDA is not available on this machine, there is no such device, or
   *     it cannot be used
   */
  public static CudaDevice open(int ordinal, CudaOptions options) {
    return open(ordinal, options, KernelImages.standard());
  }

  static CudaDevice open(int ordinal, CudaOptions options, KernelImages images) {
    CudaRuntime.require();
    return new CudaDevice(ordinal, options, images);
  }

  /** Notes what must be closed; the last one first. */
  private <T extends AutoCloseable> T own(T resource) {
    resources.push(resource);
    return resource;
  }

  @Override
  public String description() {
    bind();
    return context.description()
        + ", "
        + CudaRuntime.status().message()
        + ", cuBLAS "
        + gpu.cublas().version();
  }

  @Override
  public String name() {
    return context.name();
  }

  @Override
  public boolean supports(DType dtype) {
    return context.supports(dtype);
  }

  @Override
  public Optional<MemoryPlanner> memoryPlanner() {
    return Optional.of(new CudaPlanner(this, memory, gpu));
  }

  /** Bytes that can still be allocated on this GPU. */
  long freeBytes() {
    bind();
    return context.freeBytes();
  }

  @Override
  public Tensor allocate(DType dtype, Shape shape) {
    OpChecks.allocate(dtype, shape);
    bind();
    memory.requireStorable(dtype);
    long bytes = shape.elements() * dtype.bytes();
    return new CudaTensor(
        dtype,
        shape,
        Storage.persistent(bytes, memory, memory.allocateZeros(bytes, "a tensor " + shape)));
  }

  /** Best effort, as the device may be lost. */
  @Override
  public void free(Tensor persistent) {
    requireOpen();
    context.bindToClose();
    memory.free(persistent(persistent).storage().release());
  }

  @Override
  public void upload(Tensor persistent, float[] source) {
    bind();
    CudaTensor t = persistent(persistent);
    check("upload", t, t.dtype().isFloat(), source.length);
    transfers.upload(t.pointer(), t.dtype(), source);
  }

  @Override
  public void upload(Tensor persistent, int[] source) {
    bind();
    CudaTensor t = persistent(persistent);
    check("upload", t, t.dtype() == DType.I32, source.length);
    transfers.upload(t.pointer(), source);
  }

  @Override
  public float[] downloadFloats(Tensor persistent) {
    bind();
    CudaTensor t = persistent(persistent);
    float[] target = new float[Math.toIntExact(t.elements())];
    check("downloadFloats", t, t.dtype().isFloat(), target.length);
    transfers.download(t.pointer(), t.dtype(), target);
    return target;
  }

  @Override
  public int[] downloadInts(Tensor persistent) {
    bind();
    CudaTensor t = persistent(persistent);
    int[] target = new int[Math.toIntExact(t.elements())];
    check("downloadInts", t, t.dtype() == DType.I32, target.length);
    transfers.download(t.pointer(), target);
    return target;
  }

  @Override
  public Program record(Consumer<Ops> body) {
    bind();
    Recording recording = new Recording(memory);
    body.accept(new CudaOps(gpu, recording));
    CudaProgram program =
        new CudaProgram(context, memory, recording, options.graphs(), programs::remove);
    programs.add(program);
    return program;
  }

  @Override
  public void synchronize() {
    bind();
    context.synchronize();
  }

  /** Goes through with it even if the device is lost. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (context != null) {
      context.bindToClose();
    }
    Set.copyOf(programs).forEach(CudaProgram::close);
    for (AutoCloseable resource : resources) {
      closeQuietly(resource);
    }
    // malloc keeps what was freed, as in CpuDevice.
    Pointer.trimMemory();
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new IllegalStateException("our resources do not throw on close", e);
    }
  }

  private void bind() {
    requireOpen();
    context.bind();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(name() + " has been closed");
    }
  }

  private CudaTensor persistent(Tensor tensor) {
    CudaTensor t = CudaTensor.of(tensor);
    if (!t.storage().isPersistent()) {
      throw new IllegalArgumentException("an intermediate result lives only inside its program");
    }
    t.storage().requireIn(memory);
    return t;
  }

  private static void check(String op, CudaTensor t, boolean sameKind, int length) {
    if (!sameKind || length != t.elements()) {
      throw new IllegalArgumentException(
          op + ": " + length + " elements for " + t.dtype() + " " + t.shape());
    }
  }
}
