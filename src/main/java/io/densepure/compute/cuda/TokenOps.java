package io.densepure.compute.cuda;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import jcuda.driver.CUdeviceptr;

/** What transformers do to sequences of tokens besides attention. */
final class TokenOps {
  /** Side of the tiles of transpose.cu and channels of a block of mean_tokens.cu. */
  private static final int TILE = 32;

  private final Gpu gpu;
  private final Recording recording;

  TokenOps(Gpu gpu, Recording recording) {
    this.gpu = gpu;
    this.recording = recording;
  }

  CudaTensor layerNorm(CudaTensor x, HostTensor weight, HostTensor bias, float eps) {
    CudaTensor y = recording.intermediate(x.dtype(), x.shape());
    Kernel kernel = gpu.kernels().get("layer_norm", x.dtype());
    CUdeviceptr gamma = gpu.weights().floats(weight);
    CUdeviceptr beta = gpu.weights().floats(bias);
    int rows = Math.toIntExact(x.shape().rows());
    int channels = x.shape().dim(-1);
    Kernel.Grid oneWarpPerRow = Kernel.Grid.over(32L * rows);
    recording.step(
        () -> kernel.launch(oneWarpPerRow, x, gamma, beta, y, rows, channels, eps), x, y);
    return y;
  }

  CudaTensor prepend(CudaTensor x, HostTensor token, HostTensor positions, Shape result) {
    CudaTensor y = recording.intermediate(x.dtype(), result);
    Kernel kernel = gpu.kernels().get("prepend_token", x.dtype());
    CUdeviceptr first = gpu.weights().floats(token);
    CUdeviceptr added = positions == null ? null : gpu.weights().floats(positions);
    long n = y.elements();
    int tokens = x.shape().dim(1);
    int channels = x.shape().dim(2);
    recording.step(
        () -> kernel.launch(Kernel.Grid.overFours(n), x, first, added, y, n, tokens, channels),
        x,
        y);
    return y;
  }

  CudaTensor mean(CudaTensor x, int from, int to, Shape result) {
    CudaTensor y = recording.intermediate(x.dtype(), result);
    Kernel kernel = gpu.kernels().get("mean_tokens", x.dtype());
    int tokens = x.shape().dim(1);
    int channels = x.shape().dim(2);
    Kernel.Grid grid = new Kernel.Grid(tiles(channels), result.dim(0), 1, Kernel.THREADS, 0);
    recording.step(() -> kernel.launch(grid, x, y, tokens, channels, from, to), x, y);
    return y;
  }

  CudaTensor transpose(CudaTensor x, Shape result) {
    CudaTensor y = recording.intermediate(x.dtype(), result);
    Kernel kernel = gpu.kernels().get("transpose", Integer.toString(x.dtype().bytes()));
    int a = x.shape().dim(1);
    int b = x.shape().dim(2);
    Kernel.Grid grid = new Kernel.Grid(tiles(b), tiles(a), x.shape().dim(0), Kernel.THREADS, 0);
    recording.step(() -> kernel.launch(grid, x, y, a, b), x, y);
    return y;
  }

  private static int tiles(int extent) {
    return (extent + TILE - 1) / TILE;
  }
}
