package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnStatus;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/**
 * How convolutions of one shape are computed: cuDNN's descriptors, algorithm and workspace. NHWC,
 * accumulated in float32.
 *
 * <p>The algorithm is the first that cuDNN's own ranking names and that always gives the same bits.
 * It is not measured: a measurement could come out otherwise after a resume, and with it a result.
 */
class Convolution implements AutoCloseable {
  /** cuDNN fuses bias, residual and activation only here. */
  private static final int FUSING_ALGORITHM =
      cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;

  private static final long MAX_WORKSPACE_BYTES = 1L << 30;
  private static final Pointer ONE = Pointer.to(new float[] {1f});
  private static final Pointer ZERO = Pointer.to(new float[] {0f});

  private final cudnnHandle handle;
  private final ConvolutionShape shape;
  private final Map<Activation, cudnnActivationDescriptor> activations;
  private final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
  private final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
  private final cudnnTensorDescriptor bias = new cudnnTensorDescriptor();
  private final cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
  private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();

  /** How to destroy what has been created. */
  private final List<Runnable> created = new ArrayList<>();

  private final int algorithm;
  private final long workspaceBytes;
  private boolean fusing;

  /**
   * @param activations those that cuDNN can fuse
   * @throws DeviceException if cuDNN has no algorithm for the shape
   */
  Convolution(
      cudnnHandle handle,
      ConvolutionShape shape,
      boolean allowTf32,
      Map<Activation, cudnnActivationDescriptor> activations) {
    this.handle = handle;
    this.shape = shape;
    this.activations = activations;
    try {
      create();
      describe(allowTf32);
      algorithm = chooseAlgorithm();
      fusing = fits(FUSING_ALGORITHM);
      workspaceBytes = Math.max(workspace(algorithm), fusing ? workspace(FUSING_ALGORITHM) : 0);
    } catch (DeviceException e) {
      close();
      throw e;
    }
  }

  private void create() {
    create(JCudnn.cudnnCreateTensorDescriptor(x), () -> JCudnn.cudnnDestroyTensorDescriptor(x));
    create(JCudnn.cudnnCreateTensorDescriptor(y), () -> JCudnn.cudnnDestroyTensorDescriptor(y));
    create(
        JCudnn.cudnnCreateTensorDescriptor(bias), () -> JCudnn.cudnnDestroyTensorDescriptor(bias));
    create(
        JCudnn.cudnnCreateFilterDescriptor(filter),
        () -> JCudnn.cudnnDestroyFilterDescriptor(filter));
    create(
        JCudnn.cudnnCreateConvolutionDescriptor(convolution),
        () -> JCudnn.cudnnDestroyConvolutionDescriptor(convolution));
  }

  private void create(int status, Runnable destroy) {
    check(status);
    created.add(destroy);
  }

  private void describe(boolean allowTf32) {
    Shape w = shape.weight();
    tensor(x, shape.x());
    tensor(y, shape.y());
    tensor(bias, Shape.of(1, 1, 1, w.dim(0)));
    check(
        JCudnn.cudnnSetFilter4dDescriptor(
            filter,
            LibraryTypes.cudnn(shape.dtype()),
            cudnnTensorFormat.CUDNN_TENSOR_NHWC,
            w.dim(0),
            w.dim(1),
            w.dim(2),
            w.dim(3)));
    check(
        JCudnn.cudnnSetConvolution2dDescriptor(
            convolution,
            shape.padding(),
            shape.padding(),
            shape.stride(),
            shape.stride(),
            1,
            1,
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            cudnnDataType.CUDNN_DATA_FLOAT));
    // FMA_MATH keeps cuDNN from rounding float32 to TensorFloat-32.
    boolean exact = shape.dtype() == DType.F32 && !allowTf32;
    check(
        JCudnn.cudnnSetConvolutionMathType(
            convolution,
            exact ? cudnnMathType.CUDNN_FMA_MATH : cudnnMathType.CUDNN_TENSOR_OP_MATH));
  }

  private void tensor(cudnnTensorDescriptor descriptor, Shape nhwc) {
    check(
        JCudnn.cudnnSetTensor4dDescriptor(
            descriptor,
            cudnnTensorFormat.CUDNN_TENSOR_NHWC,
            LibraryTypes.cudnn(shape.dtype()),
            nhwc.dim(0),
            nhwc.dim(3),
            nhwc.dim(1),
            nhwc.dim(2)));
  }

  private int chooseAlgorithm() {
    // JCudnn never frees the memory for the results, so only the best is asked for at first.
    return best(1)
        .or(() -> best(cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_COUNT))
        .orElseThrow(
            () -> new DeviceException("cuDNN has no deterministic way to compute " + describe()));
  }

  /** The first suitable one among the first {@code count} of cuDNN's ranking. */
  private Optional<Integer> best(int count) {
    int[] found = new int[1];
    cudnnConvolutionFwdAlgoPerf[] ranked = new cudnnConvolutionFwdAlgoPerf[count];
    Arrays.setAll(ranked, i -> new cudnnConvolutionFwdAlgoPerf());
    check(rank(found, ranked));
    return Arrays.stream(ranked, 0, found[0])
        .filter(a -> a.status == cudnnStatus.CUDNN_STATUS_SUCCESS)
        .filter(a -> a.determinism == cudnnDeterminism.CUDNN_DETERMINISTIC)
        .map(a -> a.algo)
        .filter(this::fits)
        .findFirst();
  }

  private int rank(int[] found, cudnnConvolutionFwdAlgoPerf[] ranked) {
    try {
      return JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
          handle, x, filter, convolution, y, ranked.length, found, ranked);
    } catch (ArrayIndexOutOfBoundsException e) {
      // When the call fails JCudnn copies back as many results as happened to be on its stack.
      return cudnnStatus.CUDNN_STATUS_INTERNAL_ERROR;
    }
  }

  private boolean fits(int algorithm) {
    long bytes = workspace(algorithm);
    return bytes >= 0 && bytes <= MAX_WORKSPACE_BYTES;
  }

  /** Bytes of workspace that {@code algorithm} needs, or -1 if it cannot do this shape. */
  private long workspace(int algorithm) {
    long[] bytes = new long[1];
    int status =
        JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
            handle, x, filter, convolution, y, algorithm, bytes);
    if (Check.dnnUnsupported(status)) {
      return -1;
    }
    check(status);
    return bytes[0];
  }

  /** Bytes of scratch memory for either way of running. */
  long workspaceBytes() {
    return workspaceBytes;
  }

  /** Whether cuDNN is taken to fuse, as far as that is known. */
  boolean isFusing() {
    return fusing;
  }

  /** The convolution alone. */
  void run(CUdeviceptr input, CUdeviceptr weight, CUdeviceptr workspace, CUdeviceptr result) {
    check(
        JCudnn.cudnnConvolutionForward(
            handle,
            ONE,
            x,
            input,
            filter,
            weight,
            convolution,
            algorithm,
            workspace,
            workspaceBytes,
            ZERO,
            y,
            result));
  }

  /**
   * activation(convolution + residual + bias) in one kernel.
   *
   * @param biasVector {@code [O]} in the convolution's type
   * @param residual of the result's shape, or null
   * @return false, with nothing done, if cuDNN cannot fuse for this shape
   */
  boolean runFused(
      CUdeviceptr input,
      CUdeviceptr weight,
      CUdeviceptr workspace,
      CUdeviceptr biasVector,
      CUdeviceptr residual,
      Activation activation,
      CUdeviceptr result) {
    if (!fusing) {
      return false;
    }
    int status =
        JCudnn.cudnnConvolutionBiasActivationForward(
            handle,
            ONE,
            x,
            input,
            filter,
            weight,
            convolution,
            FUSING_ALGORITHM,
            workspace,
            workspaceBytes,
            residual == null ? ZERO : ONE,
            y,
            residual == null ? result : residual,
            bias,
            biasVector,
            activations.get(activation),
            y,
            result);
    if (Check.dnnUnsupported(status)) {
      fusing = false;
      return false;
    }
    check(status);
    return true;
  }

  private void check(int status) {
    Check.dnn(status, "computing " + describe());
  }

  private String describe() {
    return String.format(
        "a convolution of %s %s with %s, stride %d, padding %d",
        shape.dtype(), shape.x(), shape.weight(), shape.stride(), shape.padding());
  }

  /** Best effort, as the device may be lost. */
  @Override
  public void close() {
    created.forEach(Runnable::run);
    created.clear();
  }
}
