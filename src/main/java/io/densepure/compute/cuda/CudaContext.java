package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.DType;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import jcuda.runtime.cudaStream_t;

/** One GPU's primary context and the one stream on which everything runs in order. */
final class CudaContext implements AutoCloseable {
  private static final int BFLOAT16_CAPABILITY = 80;

  private final int ordinal;
  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final int capability;

  /**
   * @throws DeviceException if there is no such device, or it cannot be used
   */
  CudaContext(int ordinal) {
    int count = CudaRuntime.deviceCount();
    if (ordinal < 0 || ordinal >= count) {
      throw new DeviceException(
          "there is no cuda:"
              + ordinal
              + ": this machine has "
              + IntStream.range(0, count)
                  .mapToObj(i -> "cuda:" + i)
                  .collect(Collectors.joining(", ")));
    }
    this.ordinal = ordinal;
    Check.driver(JCudaDriver.cuDeviceGet(device, ordinal), "opening " + name());
    capability =
        10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    Check.driver(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "opening " + name());
    try {
      bind();
      Check.driver(
          JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING),
          "creating a stream on " + name());
    } catch (DeviceException e) {
      JCudaDriver.cuDevicePrimaryCtxRelease(device);
      throw e;
    }
  }

  /** As on the command line: {@code cuda:0}. */
  String name() {
    return "cuda:" + ordinal;
  }

  /** Makes this context current on the calling thread. */
  void bind() {
    Check.driver(JCudaDriver.cuCtxSetCurrent(context), "selecting " + name());
  }

  /** As {@link #bind}, but for what must go on even if the device is lost. */
  void bindToClose() {
    JCudaDriver.cuCtxSetCurrent(context);
  }

  CUstream stream() {
    return stream;
  }

  /** The same stream, as cuBLAS and cuDNN want it. */
  cudaStream_t libraryStream() {
    return new cudaStream_t(stream);
  }

  void synchronize() {
    Check.driver(JCudaDriver.cuStreamSynchronize(stream), "waiting for " + name());
  }

  /** Compute capability times ten: 80 for 8.0. */
  int computeCapability() {
    return capability;
  }

  /** Whether activations can be stored in {@code dtype}. */
  boolean supports(DType dtype) {
    return switch (dtype) {
      case F32, F16 -> true;
      case BF16 -> capability >= BFLOAT16_CAPABILITY;
      default -> false;
    };
  }

  /** Bytes that can still be allocated on the device. */
  long freeBytes() {
    long[] free = new long[1];
    long[] total = new long[1];
    Check.driver(JCudaDriver.cuMemGetInfo(free, total), "asking " + name() + " for its memory");
    return free[0];
  }

  /** As {@code NVIDIA A100 (cuda:0, compute capability 8.0, 108 multiprocessors, 39.6 GiB)}. */
  String description() {
    byte[] label = new byte[256];
    Check.driver(
        JCudaDriver.cuDeviceGetName(label, label.length, device), "asking for the name of a GPU");
    long[] bytes = new long[1];
    Check.driver(JCudaDriver.cuDeviceTotalMem(bytes, device), "asking for the memory of a GPU");
    return String.format(
        Locale.ROOT,
        "%s (%s, compute capability %d.%d, %d multiprocessors, %.1f GiB)",
        new String(label, StandardCharsets.UTF_8).replaceAll("\0.*", ""),
        name(),
        capability / 10,
        capability % 10,
        attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        bytes[0] / 0x1p30);
  }

  private int attribute(int which) {
    int[] value = new int[1];
    Check.driver(
        JCudaDriver.cuDeviceGetAttribute(value, which, device), "asking for a GPU's properties");
    return value[0];
  }

  /** Best effort: a lost device must still let go of the rest. */
  @Override
  public void close() {
    JCudaDriver.cuStreamDestroy(stream);
    JCudaDriver.cuDevicePrimaryCtxRelease(device);
  }
}
