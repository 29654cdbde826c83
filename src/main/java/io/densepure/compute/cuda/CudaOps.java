package io.densepure.compute.cuda;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.DdpmOutput;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.OpChecks;
import io.densepure.compute.Ops;
import io.densepure.compute.PositionBias;
import io.densepure.compute.QkvLayout;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Checks each operation and hands it to the class that records its kind. */
final class CudaOps implements Ops {
  private final Gpu gpu;
  private final Recording recording;
  private final PointwiseOps pointwise;
  private final LayerOps layers;
  private final GroupNorm groupNorm;
  private final Attention attention;
  private final TokenOps tokens;
  private final SamplerOps sampler;
  private final ResizeOps resize;

  CudaOps(Gpu gpu, Recording recording) {
    this.gpu = gpu;
    this.recording = recording;
    pointwise = new PointwiseOps(gpu, recording);
    layers = new LayerOps(gpu, recording, pointwise);
    groupNorm = new GroupNorm(gpu, recording);
    attention = new Attention(gpu, recording);
    tokens = new TokenOps(gpu, recording);
    sampler = new SamplerOps(gpu, recording);
    resize = new ResizeOps(gpu, recording);
  }

  @Override
  public Tensor conv2d(
      Tensor x, HostTensor weight, HostTensor bias, int stride, int padding, Epilogue epilogue) {
    Shape result = OpChecks.conv2d(x, weight, bias, stride, padding, epilogue);
    return layers.conv2d(cuda(x), weight, bias, stride, padding, epilogue, result);
  }

  @Override
  public Tensor linear(Tensor x, HostTensor weight, HostTensor bias, Epilogue epilogue) {
    Shape result = OpChecks.linear(x, weight, bias, epilogue);
    return layers.linear(cuda(x), weight, bias, epilogue, result);
  }

  @Override
  public Tensor groupNorm(
      Tensor x,
      HostTensor weight,
      HostTensor bias,
      int groups,
      float eps,
      Tensor scaleShift,
      Activation activation) {
    OpChecks.groupNorm(x, weight, bias, groups, eps, scaleShift);
    return groupNorm.apply(cuda(x), weight, bias, groups, eps, cuda(scaleShift), activation);
  }

  @Override
  public Tensor layerNorm(Tensor x, HostTensor weight, HostTensor bias, float eps) {
    OpChecks.layerNorm(x, weight, bias, eps);
    return tokens.layerNorm(cuda(x), weight, bias, eps);
  }

  @Override
  public Tensor attention(Tensor qkv, int heads, QkvLayout layout, PositionBias bias) {
    Shape result = OpChecks.attention(qkv, heads, bias);
    return attention.apply(cuda(qkv), heads, layout, bias, result);
  }

  @Override
  public Tensor prependToken(Tensor x, HostTensor token, HostTensor positions) {
    Shape result = OpChecks.prependToken(x, token, positions);
    return tokens.prepend(cuda(x), token, positions, result);
  }

  @Override
  public Tensor meanTokens(Tensor x, int from, int to) {
    return tokens.mean(cuda(x), from, to, OpChecks.meanTokens(x, from, to));
  }

  @Override
  public Tensor transpose(Tensor x) {
    return tokens.transpose(cuda(x), OpChecks.transpose(x));
  }

  @Override
  public Tensor channelAffine(Tensor x, HostTensor scale, HostTensor shift, Activation activation) {
    OpChecks.channelAffine(x, scale, shift);
    return pointwise.channelAffine(cuda(x), scale, shift, activation);
  }

  @Override
  public Tensor addPerImage(Tensor x, Tensor vector) {
    OpChecks.addPerImage(x, vector);
    return pointwise.addPerImage(cuda(x), cuda(vector));
  }

  @Override
  public Tensor activate(Tensor x, Activation activation) {
    OpChecks.activate(x);
    return pointwise.activate(cuda(x), activation);
  }

  @Override
  public Tensor add(Tensor x, Tensor y) {
    OpChecks.add(x, y);
    return pointwise.add(cuda(x), cuda(y));
  }

  @Override
  public Tensor combine(float a, Tensor x, float b, Tensor y, float c) {
    OpChecks.combine(x, b, y);
    return pointwise.combine(a, cuda(x), b, cuda(y), c);
  }

  @Override
  public Tensor upsampleNearest2x(Tensor x) {
    return resize.upsampleNearest2x(cuda(x), OpChecks.upsampleNearest2x(x));
  }

  @Override
  public Tensor avgPool2d(Tensor x, int size, int stride) {
    return resize.avgPool2d(cuda(x), size, stride, OpChecks.avgPool2d(x, size, stride));
  }

  @Override
  public Tensor maxPool2d(Tensor x, int size, int stride, int padding) {
    Shape result = OpChecks.maxPool2d(x, size, stride, padding);
    return resize.maxPool2d(cuda(x), size, stride, padding, result);
  }

  @Override
  public Tensor resizeBicubic(Tensor x, int height, int width) {
    return resize.resizeBicubic(cuda(x), OpChecks.resizeBicubic(x, height, width));
  }

  @Override
  public Tensor toBytes(Tensor x) {
    OpChecks.toBytes(x);
    return pointwise.toBytes(cuda(x));
  }

  @Override
  public Tensor resizeBytes(Tensor x, int height, int width) {
    return resize.resizeBytes(cuda(x), OpChecks.resizeBytes(x, height, width));
  }

  @Override
  public Tensor concatChannels(Tensor x, Tensor y) {
    return pointwise.concatChannels(cuda(x), cuda(y), OpChecks.concatChannels(x, y));
  }

  @Override
  public Tensor timestepEmbedding(Tensor timesteps, int dim) {
    return sampler.timestepEmbedding(cuda(timesteps), OpChecks.timestepEmbedding(timesteps, dim));
  }

  @Override
  public Tensor embedding(Tensor ids, HostTensor table) {
    return sampler.embedding(cuda(ids), table, OpChecks.embedding(ids, table));
  }

  @Override
  public Tensor gaussianNoise(Tensor keys, int height, int width, int channels) {
    Shape result = OpChecks.gaussianNoise(keys, height, width, channels);
    return sampler.gaussianNoise(cuda(keys), result);
  }

  @Override
  public Tensor ddpmStep(
      Tensor x, Tensor modelOutput, Tensor noise, Tensor coefficients, DdpmOutput output) {
    OpChecks.ddpmStep(x, modelOutput, noise, coefficients, output);
    return sampler.ddpmStep(cuda(x), cuda(modelOutput), cuda(noise), cuda(coefficients), output);
  }

  @Override
  public Tensor argmax(Tensor logits) {
    return sampler.argmax(cuda(logits), OpChecks.argmax(logits));
  }

  @Override
  public Tensor cast(Tensor x, DType dtype) {
    OpChecks.cast(x, dtype);
    return pointwise.cast(cuda(x), dtype);
  }

  @Override
  public Tensor reshape(Tensor x, Shape shape) {
    return cuda(x).as(OpChecks.reshape(x, shape));
  }

  @Override
  public void assign(Tensor persistent, Tensor value) {
    OpChecks.assign(persistent, value);
    CudaTensor to = cuda(persistent);
    CudaTensor from = cuda(value);
    if (!to.storage().isPersistent()) {
      throw new IllegalArgumentException("assign: the target is not a persistent tensor");
    }
    recording.step(() -> copy(to.pointer(), from.pointer(), from.bytes()), from, to);
  }

  private void copy(CUdeviceptr to, CUdeviceptr from, long bytes) {
    Check.driver(
        JCudaDriver.cuMemcpyDtoDAsync(to, from, bytes, gpu.context().stream()), "storing a result");
  }

  private static CudaTensor cuda(Tensor tensor) {
    return tensor == null ? null : CudaTensor.of(tensor);
  }
}
