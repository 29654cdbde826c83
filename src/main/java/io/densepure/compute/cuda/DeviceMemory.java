package io.densepure.compute.cuda;

import io.densepure.compute.DType;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Every piece of device memory in use, so that nothing outlives the device. */
final class DeviceMemory implements AutoCloseable {
  private final CudaContext context;
  private final Map<CUdeviceptr, Long> live = new IdentityHashMap<>();

  DeviceMemory(CudaContext context) {
    this.context = context;
  }

  /**
   * @throws IllegalArgumentException if the device has no such numbers
   */
  void requireStorable(DType dtype) {
    if (dtype != DType.I32 && !context.supports(dtype)) {
      throw new IllegalArgumentException(
          context.name() + " cannot store " + dtype + " (BF16 needs compute capability 8.0)");
    }
  }

  /**
   * Uninitialised memory, aligned to 256 bytes.
   *
   * @param purpose for the message if there is not enough, as {@code "the intermediate results"}
   */
  CUdeviceptr allocate(long bytes, String purpose) {
    CUdeviceptr pointer = new CUdeviceptr();
    Check.driver(
        JCudaDriver.cuMemAlloc(pointer, Math.max(1, bytes)),
        String.format(Locale.ROOT, "reserving %.1f MiB for %s", bytes / 0x1p20, purpose));
    live.put(pointer, bytes);
    return pointer;
  }

  /** As {@link #allocate}, filled with zeros before anything asked for later. */
  CUdeviceptr allocateZeros(long bytes, String purpose) {
    CUdeviceptr pointer = allocate(bytes, purpose);
    Check.driver(
        JCudaDriver.cuMemsetD8Async(pointer, (byte) 0, bytes, context.stream()), "clearing memory");
    return pointer;
  }

  /** Waits for whatever may still use the memory. Best effort, as the device may be lost. */
  void free(CUdeviceptr pointer) {
    if (live.remove(pointer) != null) {
      JCudaDriver.cuStreamSynchronize(context.stream());
      JCudaDriver.cuMemFree(pointer);
    }
  }

  /** Best effort, as the device may be lost. */
  @Override
  public void close() {
    live.keySet().forEach(JCudaDriver::cuMemFree);
    live.clear();
  }
}
