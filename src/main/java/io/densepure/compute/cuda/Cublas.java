package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.DType;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;

/** Matrix products by cuBLAS, accumulated in float32. */
class Cublas implements AutoCloseable {
  /** What NVIDIA recommends for compute capability 9; less would do below it. */
  private static final long WORKSPACE_BYTES = 32L << 20;

  private static final Pointer ONE = Pointer.to(new float[] {1f});
  private static final Pointer ZERO = Pointer.to(new float[] {0f});

  private final cublasHandle handle = new cublasHandle();
  private final boolean allowTf32;

  /**
   * @param workspace see {@link #workspaceBytes}; cuBLAS must not allocate while a graph is
   *     captured
   */
  Cublas(CudaContext context, CUdeviceptr workspace, boolean allowTf32) {
    this.allowTf32 = allowTf32;
    Check.blas(JCublas2.cublasCreate(handle), "starting");
    try {
      Check.blas(JCublas2.cublasSetStream(handle, context.libraryStream()), "starting");
      Check.blas(JCublas2.cublasSetWorkspace(handle, workspace, WORKSPACE_BYTES), "starting");
      // Sums in 16 bits would be a little faster; ours are in float32 throughout.
      Check.blas(
          JCublas2.cublasSetMathMode(
              handle, cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
          "starting");
    } catch (DeviceException e) {
      close();
      throw e;
    }
  }

  static long workspaceBytes() {
    return WORKSPACE_BYTES;
  }

  /**
   * y = x·weightᵀ. cuBLAS counts columns first, so to it our row-major {@code [rows, n]} arrays are
   * transposed ones, and what it computes is yᵀ = weight·xᵀ: nothing has to be moved.
   *
   * @param x {@code [rows, in]} in {@code dtype}
   * @param weight {@code [out, in]} in {@code dtype}
   * @param y {@code [rows, out]} in {@code outType}: {@code dtype} or {@code F32}
   */
  void product(
      CUdeviceptr x,
      CUdeviceptr weight,
      CUdeviceptr y,
      int rows,
      int in,
      int out,
      DType dtype,
      DType outType) {
    int type = LibraryTypes.cublas(dtype);
    Check.blas(
        // The name without _new takes the compute type as CUDA 10 numbered it.
        JCublas2.cublasGemmEx_new(
            handle,
            cublasOperation.CUBLAS_OP_T,
            cublasOperation.CUBLAS_OP_N,
            out,
            rows,
            in,
            ONE,
            weight,
            type,
            in,
            x,
            type,
            in,
            ZERO,
            y,
            LibraryTypes.cublas(outType),
            out,
            allowTf32 && dtype == DType.F32
                ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
                : cublasComputeType.CUBLAS_COMPUTE_32F,
            cublasGemmAlgo.CUBLAS_GEMM_DEFAULT),
        "multiplying [" + rows + ", " + in + "] by [" + in + ", " + out + "]");
  }

  String version() {
    int[] v = new int[1];
    Check.blas(JCublas2.cublasGetVersion(handle, v), "asking for its version");
    return v[0] / 10_000 + "." + v[0] / 100 % 100 + "." + v[0] % 100;
  }

  /** Best effort, as the device may be lost. */
  @Override
  public void close() {
    JCublas2.cublasDestroy(handle);
  }
}
