package io.densepure.compute.cuda;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import jcuda.driver.CUdeviceptr;

/**
 * Convolutions (cuDNN) and linear layers (cuBLAS) with their epilogues. cuDNN applies bias,
 * residual and ReLU in the kernel that convolves; what a library cannot fuse becomes one kernel of
 * ours on its result.
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
    return y;
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
    CudaTensor y = recording.intermediate(out, result);
    CudaTensor residual = residual(epilogue);
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
    boolean plain = bias == null && residual == null && epilogue.activation() == Activation.NONE;
    if (!direct || !plain) {
      recording.step(
          pointwise.epilogue(product, bias, residual, epilogue.activation(), y),
          product,
          residual,
          y);
    }
    return y;
  }

  private static CudaTensor residual(Epilogue epilogue) {
    return epilogue.residual() == null ? null : CudaTensor.of(epilogue.residual());
  }
}
