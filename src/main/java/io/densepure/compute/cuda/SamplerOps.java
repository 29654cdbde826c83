package io.densepure.compute.cuda;

import io.densepure.compute.DType;
import io.densepure.compute.DdpmOutput;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import jcuda.driver.CUdeviceptr;

/** What happens around the networks: embeddings, noise, the reverse step, the final label. */
final class SamplerOps {
  private final Gpu gpu;
  private final Recording recording;

  SamplerOps(Gpu gpu, Recording recording) {
    this.gpu = gpu;
    this.recording = recording;
  }

  CudaTensor timestepEmbedding(CudaTensor timesteps, Shape result) {
    CudaTensor y = recording.intermediate(DType.F32, result);
    Kernel kernel = gpu.kernels().get("timestep_embedding", DType.F32);
    long n = y.elements();
    recording.step(
        () -> kernel.launch(Kernel.Grid.over(n), timesteps, y, n, result.dim(1)), timesteps, y);
    return y;
  }

  CudaTensor embedding(CudaTensor ids, HostTensor table, Shape result) {
    CudaTensor y = recording.intermediate(DType.F32, result);
    Kernel kernel = gpu.kernels().get("embedding", DType.F32);
    CUdeviceptr rows = gpu.weights().floats(table);
    int count = table.shape().dim(0);
    long n = y.elements();
    recording.step(
        () -> kernel.launch(Kernel.Grid.over(n), ids, rows, y, n, count, result.dim(1)), ids, y);
    return y;
  }

  CudaTensor gaussianNoise(CudaTensor keys, Shape result) {
    CudaTensor y = recording.intermediate(DType.F32, result);
    Kernel kernel = gpu.kernels().get("gaussian_noise", DType.F32);
    int pixels = result.dim(1) * result.dim(2);
    int channels = result.dim(3);
    int blocks = Kernel.Grid.overFours((long) pixels * channels).x();
    Kernel.Grid grid = new Kernel.Grid(blocks, result.dim(0), 1, Kernel.THREADS, 0);
    recording.step(() -> kernel.launch(grid, keys, y, pixels, channels), keys, y);
    return y;
  }

  CudaTensor ddpmStep(
      CudaTensor x,
      CudaTensor modelOutput,
      CudaTensor noise,
      CudaTensor coefficients,
      DdpmOutput output) {
    CudaTensor y = recording.intermediate(DType.F32, x.shape());
    Kernel kernel = gpu.kernels().get("ddpm_step", DType.F32);
    long n = x.elements();
    int channels = x.shape().dim(3);
    int modelChannels = modelOutput.shape().dim(3);
    recording.step(
        () ->
            kernel.launch(
                Kernel.Grid.over(n),
                x,
                modelOutput,
                noise,
                coefficients,
                y,
                n,
                channels,
                modelChannels,
                code(output)),
        x,
        modelOutput,
        noise,
        coefficients,
        y);
    return y;
  }

  /** How the kernel numbers its results; see ddpm_step.cu. */
  private static int code(DdpmOutput output) {
    return switch (output) {
      case SAMPLE -> 0;
      case PRED_XSTART -> 1;
      case MEAN -> 2;
      case LOG_VARIANCE -> 3;
    };
  }

  CudaTensor argmax(CudaTensor logits, Shape result) {
    CudaTensor y = recording.intermediate(DType.I32, result);
    Kernel kernel = gpu.kernels().get("argmax", logits.dtype());
    int rows = logits.shape().dim(0);
    int classes = logits.shape().dim(1);
    // One warp per row.
    recording.step(
        () -> kernel.launch(Kernel.Grid.over(32L * rows), logits, y, rows, classes), logits, y);
    return y;
  }
}
