package io.densepure.compute.cpu;

import io.densepure.DeviceException;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HalfFloats;
import io.densepure.compute.OpChecks;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.ShortPointer;

/** The CPU, through oneDNN. */
public final class CpuDevice implements Device {
  private final int threads;
  private final int team;
  private final DeviceThread thread;
  private final SharedEngine shared;
  private final stream stream;
  private final boolean bf16;
  private final Map<Storage, NativeMemory> persistent = new HashMap<>();
  private final Set<CpuProgram> programs = new LinkedHashSet<>();
  private boolean open = true;

  private CpuDevice(int threads, int team, DeviceThread thread, SharedEngine shared) {
    this.threads = threads;
    this.team = team;
    this.thread = thread;
    this.shared = shared;
    stream = new stream(shared.engine());
    bf16 = OneDnn.isFast(shared.engine(), DType.BF16);
  }

  /** The CPU with as many threads as {@code OMP_NUM_THREADS} says, or as there are processors. */
  public static CpuDevice open() {
    return open(OpenMp.preferredThreads());
  }

  /**
   * @param threads how many threads oneDNN computes with, at least 1
   * @throws DeviceException if oneDNN cannot be loaded
   */
  public static CpuDevice open(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("cpu: " + threads + " threads");
    }
    OneDnn.load();
    return open(threads, 1, new SharedEngine(1));
  }

  /** A team of as many devices as {@link #open()} would have threads. */
  public static List<CpuDevice> openTeam() {
    return openTeam(OpenMp.preferredThreads());
  }

  /**
   * Devices that compute at the same time, with one thread each, and share the weights that they
   * have been given. Several threads in one operation would get in each other's way, and round
   * otherwise than fewer do: oneDNN divides sums by their number.
   *
   * @param size how many devices, at least 1
   * @throws DeviceException if oneDNN cannot be loaded
   */
  public static List<CpuDevice> openTeam(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("cpu: a team of " + size);
    }
    OneDnn.load();
    SharedEngine shared = new SharedEngine(size);
    return IntStream.range(0, size).mapToObj(i -> open(1, size, shared)).toList();
  }

  /** One more device with as many threads, which shares this one's weights if they still exist. */
  public CpuDevice another() {
    return open(threads, team, shared.join() ? shared : new SharedEngine(1));
  }

  private static CpuDevice open(int threads, int team, SharedEngine shared) {
    DeviceThread thread = new DeviceThread(threads);
    try {
      return thread.call(
          () -> {
            OpenMp.setThreads(threads);
            return new CpuDevice(threads, team, thread, shared);
          });
    } catch (RuntimeException | Error e) {
      thread.close();
      throw e;
    }
  }

  /** Of the whole team, if it is in one. */
  @Override
  public String description() {
    int all = threads * team;
    return "cpu: oneDNN %s, %d thread%s, %s"
        .formatted(OneDnn.version(), all, all == 1 ? "" : "s", dnnl.get_effective_cpu_isa());
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public boolean supports(DType dtype) {
    return dtype == DType.F32 || dtype == DType.BF16 && bf16;
  }

  @Override
  public Tensor allocate(DType dtype, Shape shape) {
    checkOpen();
    OpChecks.allocate(dtype, shape);
    checkSupports(dtype);
    long bytes = Math.multiplyExact(shape.elements(), (long) dtype.bytes());
    NativeMemory memory = new NativeMemory(bytes);
    Storage storage = Storage.persistent(bytes, memory.start());
    persistent.put(storage, memory);
    return new CpuTensor(dtype, shape, storage, this);
  }

  @Override
  public void free(Tensor tensor) {
    Storage storage = own(tensor).storage();
    if (programs.stream().anyMatch(p -> p.uses(storage))) {
      throw new IllegalStateException("free: a program that is still open uses this tensor");
    }
    persistent.remove(storage).close();
  }

  @Override
  public void upload(Tensor tensor, float[] source) {
    CpuTensor t = own(tensor);
    checkTransfer("upload", t, t.dtype().isFloat(), source.length);
    if (t.dtype() == DType.F32) {
      new FloatPointer(t.storage().memory()).put(source, 0, source.length);
      return;
    }
    short[] rounded = new short[source.length];
    for (int i = 0; i < source.length; i++) {
      rounded[i] = HalfFloats.floatToBf16(source[i]);
    }
    new ShortPointer(t.storage().memory()).put(rounded, 0, rounded.length);
  }

  @Override
  public void upload(Tensor tensor, int[] source) {
    CpuTensor t = own(tensor);
    checkTransfer("upload", t, t.dtype() == DType.I32, source.length);
    new IntPointer(t.storage().memory()).put(source, 0, source.length);
  }

  @Override
  public float[] downloadFloats(Tensor tensor) {
    CpuTensor t = own(tensor);
    float[] out = new float[Math.toIntExact(t.elements())];
    checkTransfer("downloadFloats", t, t.dtype().isFloat(), out.length);
    if (t.dtype() == DType.F32) {
      new FloatPointer(t.storage().memory()).get(out, 0, out.length);
      return out;
    }
    short[] stored = new short[out.length];
    new ShortPointer(t.storage().memory()).get(stored, 0, stored.length);
    for (int i = 0; i < out.length; i++) {
      out[i] = HalfFloats.bf16ToFloat(stored[i]);
    }
    return out;
  }

  @Override
  public int[] downloadInts(Tensor tensor) {
    CpuTensor t = own(tensor);
    int[] out = new int[Math.toIntExact(t.elements())];
    checkTransfer("downloadInts", t, t.dtype() == DType.I32, out.length);
    new IntPointer(t.storage().memory()).get(out, 0, out.length);
    return out;
  }

  private static void checkTransfer(String op, CpuTensor t, boolean sameKind, int length) {
    if (!sameKind || length != t.elements()) {
      throw new IllegalArgumentException(
          op + ": " + length + " elements for " + t.dtype() + " " + t.shape());
    }
  }

  @Override
  public CpuProgram record(Consumer<Ops> body) {
    checkOpen();
    Recording recording = new Recording(this);
    body.accept(new CpuOps(recording));
    List<Recording.Node> nodes = recording.finish();
    CpuProgram program = thread.call(() -> new CpuProgram(this, nodes));
    programs.add(program);
    return program;
  }

  /** Nothing to wait for: a program's run returns when it is done. */
  @Override
  public void synchronize() {
    checkOpen();
  }

  @Override
  public void close() {
    if (open) {
      List.copyOf(programs).forEach(CpuProgram::close);
      open = false;
      persistent.values().forEach(NativeMemory::close);
      persistent.clear();
      stream.close();
      shared.close();
      thread.close();
      // malloc keeps what was freed: hundreds of MiB.
      Pointer.trimMemory();
    }
  }

  int threads() {
    return threads;
  }

  DeviceThread thread() {
    return thread;
  }

  engine engine() {
    return shared.engine();
  }

  stream stream() {
    return stream;
  }

  WeightCache weights() {
    return shared.weights();
  }

  void forget(CpuProgram program) {
    programs.remove(program);
  }

  void checkSupports(DType dtype) {
    if (dtype != DType.I32 && !supports(dtype)) {
      throw new IllegalArgumentException("this CPU device cannot store " + dtype);
    }
  }

  void checkAlive(CpuTensor tensor) {
    if (!persistent.containsKey(tensor.storage())) {
      throw new IllegalArgumentException(
          "the tensor " + tensor.dtype() + " " + tensor.shape() + " was freed");
    }
  }

  /** The tensor as one of this device's persistent ones that is still there. */
  private CpuTensor own(Tensor tensor) {
    checkOpen();
    if (!(tensor instanceof CpuTensor t) || t.owner() != this) {
      throw new IllegalArgumentException(
          "not a persistent tensor of this device: " + tensor.dtype() + " " + tensor.shape());
    }
    checkAlive(t);
    return t;
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException("this CPU device is closed");
    }
  }
}
