package io.densepure.compute.cuda;

import io.densepure.compute.DType;
import io.densepure.compute.PositionBias;
import io.densepure.compute.QkvLayout;
import io.densepure.compute.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Attention in one kernel; see attention.cu. */
final class Attention {
  private static final int THREADS = 128;

  /** Head sizes that kernels exist for; others are padded up to the next. */
  private static final int[] HEAD_SIZES = {16, 32, 64, 128};

  private final Gpu gpu;
  private final Recording recording;

  Attention(Gpu gpu, Recording recording) {
    this.gpu = gpu;
    this.recording = recording;
  }

  /**
   * @param bias or null
   * @param result {@code [N, T, C]}
   * @throws IllegalArgumentException if the heads are larger than any kernel's
   */
  CudaTensor apply(CudaTensor qkv, int heads, QkvLayout layout, PositionBias bias, Shape result) {
    int tokens = result.dim(1);
    int channels = result.dim(2);
    int headSize = channels / heads;
    String variant = Kernels.suffix(qkv.dtype()) + "_" + kernelSize(headSize);
    Kernel kernel = gpu.kernels().get("attention", bias == null ? variant : "biased_" + variant);
    boolean headsFirst = layout == QkvLayout.HEADS_FIRST;
    int headStride = headsFirst ? 3 * headSize : headSize;
    int partStride = headsFirst ? headSize : channels;
    int queriesPerBlock = qkv.dtype() == DType.F32 ? 16 : 64;
    Kernel.Grid grid =
        new Kernel.Grid(
            (tokens + queriesPerBlock - 1) / queriesPerBlock, heads, result.dim(0), THREADS, 0);
    float scale = (float) (1 / Math.sqrt(headSize));
    CudaTensor y = recording.intermediate(qkv.dtype(), result);
    List<Object> arguments = new ArrayList<>();
    Collections.addAll(
        arguments, qkv, y, tokens, headSize, 3 * channels, headStride, partStride, scale);
    if (bias != null) {
      arguments.add(gpu.weights().floats(bias.table()));
      arguments.add(gpu.weights().integers(bias.index()));
      arguments.add(bias.table().shape().dim(1));
    }
    recording.step(() -> kernel.launch(grid, arguments.toArray()), qkv, y);
    return y;
  }

  private static int kernelSize(int headSize) {
    for (int size : HEAD_SIZES) {
      if (headSize <= size) {
        return size;
      }
    }
    throw new IllegalArgumentException(
        "attention: heads of " + headSize + " channels, at most 128 on a GPU");
  }
}
