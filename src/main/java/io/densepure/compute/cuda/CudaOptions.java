package io.densepure.compute.cuda;

/**
 * How a {@link CudaDevice} computes.
 *
 * @param allowTf32 whether products of {@code F32} tensors may round their factors to
 *     TensorFloat-32 (10 bits of mantissa, compute capability 8.0 and newer): several times faster,
 *     outside the float32 tolerances
 * @param graphs whether a program is replayed as one CUDA graph from its second run on; without,
 *     every step is launched by itself, which names the failing step
 */
public record CudaOptions(boolean allowTf32, boolean graphs) {
  /** Exact float32, graphs. */
  public static final CudaOptions DEFAULT = new CudaOptions(false, true);
}
