package io.densepure.compute.cuda;

import io.densepure.DeviceException;
import io.densepure.compute.Activation;
import java.util.HashMap;
import java.util.Map;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnNanPropagation;

/** Convolutions by cuDNN: the library's handle, and one plan per shape, made once. */
class Cudnn implements AutoCloseable {
  private final cudnnHandle handle = new cudnnHandle();
  private final boolean allowTf32;
  private final Map<ConvolutionShape, Convolution> plans = new HashMap<>();
  private final Map<Activation, cudnnActivationDescriptor> activations = new HashMap<>();

  Cudnn(CudaContext context, boolean allowTf32) {
    this.allowTf32 = allowTf32;
    Check.dnn(JCudnn.cudnnCreate(handle), "starting");
    try {
      Check.dnn(JCudnn.cudnnSetStream(handle, context.libraryStream()), "starting");
      activation(Activation.NONE, cudnnActivationMode.CUDNN_ACTIVATION_IDENTITY);
      activation(Activation.RELU, cudnnActivationMode.CUDNN_ACTIVATION_RELU);
    } catch (DeviceException e) {
      close();
      throw e;
    }
  }

  private void activation(Activation activation, int mode) {
    cudnnActivationDescriptor descriptor = new cudnnActivationDescriptor();
    Check.dnn(JCudnn.cudnnCreateActivationDescriptor(descriptor), "describing an activation");
    activations.put(activation, descriptor);
    Check.dnn(
        JCudnn.cudnnSetActivationDescriptor(
            descriptor, mode, cudnnNanPropagation.CUDNN_PROPAGATE_NAN, 0),
        "describing an activation");
  }

  /** Whether cuDNN can apply {@code activation} in the kernel that computes the convolution. */
  boolean fuses(Activation activation) {
    return activations.containsKey(activation);
  }

  /** The way of computing convolutions of this shape, the same for all programs. */
  Convolution convolution(ConvolutionShape shape) {
    return plans.computeIfAbsent(shape, s -> plan(handle, s, activations));
  }

  Convolution plan(
      cudnnHandle cudnn,
      ConvolutionShape shape,
      Map<Activation, cudnnActivationDescriptor> fusible) {
    return new Convolution(cudnn, shape, allowTf32, fusible);
  }

  /** Best effort, as the device may be lost. */
  @Override
  public void close() {
    plans.values().forEach(Convolution::close);
    plans.clear();
    activations.values().forEach(JCudnn::cudnnDestroyActivationDescriptor);
    activations.clear();
    JCudnn.cudnnDestroy(handle);
  }
}
