package io.densepure.compute.cuda;

import io.densepure.compute.Activation;
import io.densepure.compute.HostTensor;
import jcuda.driver.CUdeviceptr;

/** Group normalisation in two kernels; see group_norm.cu. */
final class GroupNorm {
  /** Elements of one image that one block takes, roughly. */
  private static final int CHUNK_ELEMENTS = 16 << 10;

  /** More would make merging their statistics costly. */
  private static final int MAX_CHUNKS = 64;

  /** Three numbers per channel must fit into 48 KiB of shared memory. */
  private static final int MAX_CHANNELS = 3840;

  private final Gpu gpu;
  private final Recording recording;

  GroupNorm(Gpu gpu, Recording recording) {
    this.gpu = gpu;
    this.recording = recording;
  }

  /**
   * How one image's rows (pixels) are shared out among blocks. Depends on the image's shape alone,
   * so that a result does not depend on the batch or the GPU.
   */
  private record Chunks(int count, int rows) {
    static Chunks of(int rows, int channels) {
      long wanted = ((long) rows * channels + CHUNK_ELEMENTS - 1) / CHUNK_ELEMENTS;
      int count = (int) Math.min(Math.min(wanted, MAX_CHUNKS), rows);
      int each = (rows + count - 1) / count;
      return new Chunks((rows + each - 1) / each, each);
    }
  }

  /**
   * @param scaleShift or null
   * @throws IllegalArgumentException if there are too many channels
   */
  CudaTensor apply(
      CudaTensor x,
      HostTensor weight,
      HostTensor bias,
      int groups,
      float eps,
      CudaTensor scaleShift,
      Activation activation) {
    int images = x.shape().dim(0);
    int channels = x.shape().dim(-1);
    if (channels > MAX_CHANNELS) {
      throw new IllegalArgumentException(
          "groupNorm: " + channels + " channels, at most " + MAX_CHANNELS + " on a GPU");
    }
    int rows = Math.toIntExact(x.shape().rows() / images);
    Chunks chunks = Chunks.of(rows, channels);
    CudaTensor y = recording.intermediate(x.dtype(), x.shape());
    Storage partial = recording.intermediate(8L * images * chunks.count * groups);
    String type = Kernels.suffix(x.dtype());
    Kernel statistics = gpu.kernels().get("group_norm", "statistics_" + type);
    Kernel.Grid first = new Kernel.Grid(chunks.count, images, 1, Kernel.THREADS, 8 * channels);
    recording.step(
        () -> statistics.launch(first, x, partial.pointer(), rows, channels, groups, chunks.rows),
        x.storage(),
        partial);
    Kernel apply = gpu.kernels().get("group_norm", "apply_" + type);
    int padded = (channels + 3) / 4 * 4;
    Kernel.Grid second =
        new Kernel.Grid(chunks.count, images, 1, Kernel.THREADS, 3 * 4 * padded + 8 * groups);
    CUdeviceptr gamma = gpu.weights().floats(weight);
    CUdeviceptr beta = gpu.weights().floats(bias);
    int stride = scaleShift == null || scaleShift.shape().dim(0) == 1 ? 0 : 2 * channels;
    recording.step(
        () ->
            apply.launch(
                second,
                x,
                partial.pointer(),
                gamma,
                beta,
                scaleShift,
                stride,
                y,
                rows,
                channels,
                groups,
                chunks.rows,
                eps,
                PointwiseOps.code(activation)),
        x.storage(),
        partial,
        scaleShift == null ? null : scaleShift.storage(),
        y.storage());
    return y;
  }
}
