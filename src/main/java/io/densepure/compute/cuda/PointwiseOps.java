package io.densepure.compute.cuda;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import jcuda.driver.CUdeviceptr;

/** Operations that read each element once and write it once. */
final class PointwiseOps {
  private final Gpu gpu;
  private final Recording recording;

  PointwiseOps(Gpu gpu, Recording recording) {
    this.gpu = gpu;
    this.recording = recording;
  }

  /** How the kernels number activations; see common.cuh. */
  static int code(Activation activation) {
    return switch (activation) {
      case NONE -> 0;
      case RELU -> 1;
      case SILU -> 2;
      case GELU -> 3;
    };
  }

  CudaTensor activate(CudaTensor x, Activation activation) {
    CudaTensor y = recording.intermediate(x.dtype(), x.shape());
    Kernel kernel = gpu.kernels().get("activate", x.dtype());
    long n = x.elements();
    recording.step(() -> kernel.launch(Kernel.Grid.overFours(n), x, y, n, code(activation)), x, y);
    return y;
  }

  CudaTensor add(CudaTensor x, CudaTensor y) {
    CudaTensor z = recording.intermediate(x.dtype(), x.shape());
    Kernel kernel = gpu.kernels().get("add", x.dtype());
    long n = x.elements();
    recording.step(() -> kernel.launch(Kernel.Grid.overFours(n), x, y, z, n), x, y, z);
    return z;
  }

  CudaTensor combine(float a, CudaTensor x, float b, CudaTensor y, float c) {
    CudaTensor z = recording.intermediate(DType.F32, x.shape());
    Kernel kernel = gpu.kernels().get("combine", DType.F32);
    long n = x.elements();
    recording.step(() -> kernel.launch(Kernel.Grid.overFours(n), a, x, b, y, c, z, n), x, y, z);
    return z;
  }

  CudaTensor channelAffine(
      CudaTensor x, HostTensor scale, HostTensor shift, Activation activation) {
    CudaTensor y = recording.intermediate(x.dtype(), x.shape());
    Kernel kernel = gpu.kernels().get("channel_affine", x.dtype());
    CUdeviceptr a = gpu.weights().floats(scale);
    CUdeviceptr b = gpu.weights().floats(shift);
    long n = x.elements();
    int channels = x.shape().dim(-1);
    recording.step(
        () -> kernel.launch(Kernel.Grid.overFours(n), x, a, b, y, n, channels, code(activation)),
        x,
        y);
    return y;
  }

  CudaTensor addPerImage(CudaTensor x, CudaTensor vector) {
    CudaTensor y = recording.intermediate(x.dtype(), x.shape());
    Kernel kernel = gpu.kernels().get("add_per_image", x.dtype());
    long n = x.elements();
    long perImage = n / x.shape().dim(0);
    int channels = x.shape().dim(-1);
    int stride = vector.shape().dim(0) == 1 ? 0 : channels;
    recording.step(
        () -> kernel.launch(Kernel.Grid.overFours(n), x, vector, y, n, perImage, channels, stride),
        x,
        vector,
        y);
    return y;
  }

  CudaTensor cast(CudaTensor x, DType dtype) {
    if (x.dtype() == dtype) {
      return x;
    }
    CudaTensor y = recording.intermediate(dtype, x.shape());
    Kernel kernel =
        gpu.kernels().get("cast", Kernels.suffix(x.dtype()) + "_" + Kernels.suffix(dtype));
    long n = x.elements();
    recording.step(() -> kernel.launch(Kernel.Grid.overFours(n), x, y, n), x, y);
    return y;
  }

  /**
   * What a library's kernel left undone: y = activation(x + bias + residual). {@code y} may be
   * {@code x}, or differ in type, one of the two being {@code F32}.
   *
   * @param bias in float32, or null
   * @param residual of y's type, or null
   * @return a function that launches it; the caller makes it part of a step
   */
  Runnable epilogue(
      CudaTensor x, HostTensor bias, CudaTensor residual, Activation activation, CudaTensor y) {
    Kernel kernel =
        gpu.kernels().get("epilogue", Kernels.suffix(x.dtype()) + "_" + Kernels.suffix(y.dtype()));
    CUdeviceptr b = bias == null ? null : gpu.weights().floats(bias);
    long n = x.elements();
    int channels = x.shape().dim(-1);
    return () ->
        kernel.launch(Kernel.Grid.overFours(n), x, b, residual, y, n, channels, code(activation));
  }

  CudaTensor toBytes(CudaTensor x) {
    CudaTensor y = recording.intermediate(DType.F32, x.shape());
    Kernel kernel = gpu.kernels().get("to_bytes", DType.F32);
    long n = x.elements();
    recording.step(() -> kernel.launch(Kernel.Grid.overFours(n), x, y, n), x, y);
    return y;
  }

  CudaTensor concatChannels(CudaTensor x, CudaTensor y, Shape result) {
    CudaTensor z = recording.intermediate(x.dtype(), result);
    Kernel kernel = gpu.kernels().get("concat_channels", Integer.toString(x.dtype().bytes()));
    long n = z.elements();
    int a = x.shape().dim(-1);
    int b = y.shape().dim(-1);
    recording.step(() -> kernel.launch(Kernel.Grid.overFours(n), x, y, z, n, a, b), x, y, z);
    return z;
  }
}
