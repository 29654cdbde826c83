package io.densepure.compute.cuda;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import jcuda.driver.CUdeviceptr;

/**
 * Convolutions (cuDNN) and linear layers with their epilogues. cuDNN applies bias, residual and
 * ReLU in the kernel that convolves, so linear layers that have no more than these are given to it,
 * and the others to cuBLAS; what a library cannot fuse becomes one kernel of ours on its result.
 */
final class LayerOps {
  private final Gpu gpu;
  private final Recording recording;
  private final PointwiseOps pointwise;

  LayerOps(Gpu gpu, Recording recording, PointwiseOps pointwise) {
    this.gpu = gpu;
    this.recording = recording;
    this.pointwise = pointwise;
  }

  /**
   * @param result shape of the result
   */
  CudaTensor conv2d(
      CudaTensor x,
      HostTensor weight,
      HostTensor bias,
      int stride,
      int padding,
      Epilogue epilogue,
      Shape result) {
    DType out = epilogue.resultType(x);
    // cuDNN has one type for input and result: where they differ, float32.
    DType dtype = x.dtype() == out ? out : DType.F32;
    CudaTensor input = pointwise.cast(x, dtype);
    CUdeviceptr filter = gpu.weights().filter(weight, x.dtype(), dtype);
    Convolution convolution =
        gpu.cudnn()
            .convolution(
                new ConvolutionShape(dtype, x.shape(), weight.shape(), result, stride, padding));
    Storage workspace = recording.intermediate(convolution.workspaceBytes());
    CudaTensor y = recording.intermediate(out, result);
    CudaTensor residual = residual(epilogue);
    boolean plain = bias == null && residual == null && epilogue.activation() == Activation.NONE;
    if (dtype != out) {
      CudaTensor sum = recording.intermediate(dtype, result);
      Runnable rest = pointwise.epilogue(sum, bias, residual, epilogue.activation(), y);
      recording.step(
          () -> convolution.run(input.pointer(), filter, workspace.pointer(), sum.pointer()),
          input.storage(),
          workspace,
          sum.storage());
      recording.step(rest, sum, residual, y);
    } else if (plain) {
      recording.step(
          () -> convolution.run(input.pointer(), filter, workspace.pointer(), y.pointer()),
          input.storage(),
          workspace,
          y.storage());
    } else {
      fuse(convolution, input, filter, workspace, bias, epilogue, y);
    }
    return y;
  }

  /** Records a convolution and all that follows it: one launch if cuDNN can, else two. */
  private void fuse(
      Convolution convolution,
      CudaTensor input,
      CUdeviceptr filter,
      Storage workspace,
      HostTensor bias,
      Epilogue epilogue,
      CudaTensor y) {
    CudaTensor residual = residual(epilogue);
    Runnable rest = pointwise.epilogue(y, bias, residual, epilogue.activation(), y);
    Runnable separate =
        () -> {
          convolution.run(input.pointer(), filter, workspace.pointer(), y.pointer());
          rest.run();
        };
    recording.step(
        gpu.cudnn().fuses(epilogue.activation())
            ? fused(convolution, input, filter, workspace, bias, epilogue, y, separate)
            : separate,
        input.storage(),
        workspace,
        y.storage(),
        residual == null ? null : residual.storage());
  }

  private Runnable fused(
      Convolution convolution,
      CudaTensor input,
      CUdeviceptr filter,
      Storage workspace,
      HostTensor bias,
      Epilogue epilogue,
      CudaTensor y,
      Runnable otherwise) {
    CudaTensor residual = residual(epilogue);
    CUdeviceptr biasVector =
        bias == null
            ? gpu.weights().zeros(y.shape().dim(-1) * y.dtype().bytes())
            : gpu.weights().matrix(bias, y.dtype());
    return () -> {
      boolean done =
          convolution.runFused(
              input.pointer(),
              filter,
              workspace.pointer(),
              biasVector,
              residual == null ? null : residual.pointer(),
              epilogue.activation(),
              y.pointer());
      if (!done) {
        otherwise.run();
      }
    };
  }

  /**
   * @param result shape of the result
   */
  CudaTensor linear(
      CudaTensor x, HostTensor weight, HostTensor bias, Epilogue epilogue, Shape result) {
    DType out = epilogue.resultType(x);
    CUdeviceptr matrix = gpu.weights().matrix(weight, x.dtype());
    int rows = Math.toIntExact(x.shape().rows());
    int in = weight.shape().dim(1);
    int channels = weight.shape().dim(0);
    boolean plain =
        bias == null && epilogue.residual() == null && epilogue.activation() == Activation.NONE;
    if (!plain && out == x.dtype() && gpu.cudnn().fuses(epilogue.activation())) {
      Convolution convolution = gpu.cudnn().convolution(pixels(out, rows, in, channels));
      if (convolution.isFusing()) {
        CudaTensor y = recording.intermediate(out, result);
        Storage workspace = recording.intermediate(convolution.workspaceBytes());
        fuse(convolution, x, matrix, workspace, bias, epilogue, y);
        return y;
      }
    }
    CudaTensor y = recording.intermediate(out, result);
    // cuBLAS writes the input's type or float32.
    boolean direct = out == x.dtype() || out == DType.F32;
    CudaTensor product = direct ? y : recording.intermediate(DType.F32, result);
    recording.step(
        () ->
            gpu.cublas()
                .product(
                    x.pointer(),
                    matrix,
                    product.pointer(),
                    rows,
                    in,
                    channels,
                    x.dtype(),
                    product.dtype()),
        x,
        product);
    if (!direct || !plain) {
      CudaTensor residual = residual(epilogue);
      recording.step(
          pointwise.epilogue(product, bias, residual, epilogue.activation(), y),
          product,
          residual,
          y);
    }
    return y;
  }

  /**
   * A linear layer is a 1×1 convolution of images of one pixel; and unlike cuBLAS, cuDNN adds bias
   * and residual in the kernel that multiplies.
   */
  private static ConvolutionShape pixels(DType dtype, int rows, int in, int channels) {
    return new ConvolutionShape(
        dtype,
        Shape.of(rows, 1, 1, in),
        Shape.of(channels, in, 1, 1),
        Shape.of(rows, 1, 1, channels),
        1,
        0);
  }

  private static CudaTensor residual(Epilogue epilogue) {
    return epilogue.residual() == null ? null : CudaTensor.of(epilogue.residual());
  }
}
