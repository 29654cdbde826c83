package io.densepure.compute.cuda;

import java.util.Arrays;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** One function of a loaded module. */
class Kernel {
  /** Threads per block of every kernel but attention, as in common.cuh. */
  static final int THREADS = 256;

  private final String name;
  private final CUfunction function;
  private final CUstream stream;

  Kernel(String name, CUfunction function, CUstream stream) {
    this.name = name;
    this.function = function;
    this.stream = stream;
  }

  /** How the work is cut into blocks. Shared bytes are those beyond what the kernel declares. */
  record Grid(int x, int y, int z, int threads, int sharedBytes) {
    /** One thread for each of {@code items}. */
    static Grid over(long items) {
      return new Grid(Math.toIntExact((items + THREADS - 1) / THREADS), 1, 1, THREADS, 0);
    }

    /** One thread for every four of {@code elements}, as pointwise kernels work. */
    static Grid overFours(long elements) {
      return over((elements + 3) / 4);
    }
  }

  /**
   * Launches asynchronously.
   *
   * @param arguments the kernel's parameters in order: {@link CudaTensor}, {@link CUdeviceptr},
   *     null for a null pointer, {@link Integer}, {@link Long} or {@link Float}
   */
  void launch(Grid grid, Object... arguments) {
    NativePointerObject[] pointers =
        Arrays.stream(arguments).map(Kernel::parameter).toArray(NativePointerObject[]::new);
    Check.driver(
        JCudaDriver.cuLaunchKernel(
            function,
            grid.x,
            grid.y,
            grid.z,
            grid.threads,
            1,
            1,
            grid.sharedBytes,
            stream,
            Pointer.to(pointers),
            null),
        "launching " + name);
  }

  private static Pointer parameter(Object value) {
    if (value == null) {
      return Pointer.to(new long[] {0});
    } else if (value instanceof CudaTensor t) {
      return Pointer.to(t.pointer());
    } else if (value instanceof CUdeviceptr p) {
      return Pointer.to(p);
    } else if (value instanceof Integer i) {
      return Pointer.to(new int[] {i});
    } else if (value instanceof Long l) {
      return Pointer.to(new long[] {l});
    } else if (value instanceof Float f) {
      return Pointer.to(new float[] {f});
    }
    throw new IllegalArgumentException("not a kernel parameter: " + value);
  }
}
