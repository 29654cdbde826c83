package io.densepure.compute.cpu;

import static io.densepure.compute.cpu.Recording.inputs;

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
import io.densepure.compute.cpu.Convolution.Padding;
import java.util.List;
import org.bytedeco.dnnl.memory;

/**
 * Checks each operation and notes it down: its inputs (first those whose memory the result may take
 * over, then the others) and what will build it.
 */
final class CpuOps implements Ops {
  private final Recording recording;

  CpuOps(Recording recording) {
    this.recording = recording;
  }

  @Override
  public Tensor conv2d(
      Tensor x, HostTensor weight, HostTensor bias, int stride, int padding, Epilogue epilogue) {
    Shape shape = OpChecks.conv2d(x, weight, bias, stride, padding, epilogue);
    CpuTensor out = recording.result(epilogue.resultType(x), shape);
    CpuTensor in = recording.own(x);
    CpuTensor residual = recording.own(epilogue.residual());
    String kind = "conv2d %d×%d".formatted(weight.shape().dim(2), weight.shape().dim(3));
    return recording.add(
        kind,
        out,
        inputs(residual),
        inputs(in),
        builder -> {
          memory.desc result = OneDnn.images(out.dtype(), shape);
          PostOps postOps = new PostOps(residual, result, out, epilogue.activation());
          if (Winograd.suits(in, weight, stride, padding, out)) {
            new Winograd(in, weight, bias, postOps).build(builder);
          } else {
            new Convolution(in, weight, bias, stride, Padding.of(padding), postOps).build(builder);
          }
        });
  }

  /** In 16 bits the sums of weights would be rounded otherwise than the weights are. */
  @Override
  public Tensor upsampledConv2d(Tensor x, HostTensor weight, HostTensor bias) {
    if (x.dtype() != DType.F32) {
      return Ops.super.upsampledConv2d(x, weight, bias);
    }
    CpuTensor out = recording.result(DType.F32, OpChecks.upsampledConv2d(x, weight, bias));
    CpuTensor in = recording.own(x);
    return recording.add(
        "upsampledConv2d",
        out,
        List.of(),
        inputs(in),
        builder -> new UpsampledConvolution(in, weight, bias, out).build(builder));
  }

  @Override
  public Tensor linear(Tensor x, HostTensor weight, HostTensor bias, Epilogue epilogue) {
    Shape shape = OpChecks.linear(x, weight, bias, epilogue);
    CpuTensor out = recording.result(epilogue.resultType(x), shape);
    CpuTensor in = recording.own(x);
    CpuTensor residual = recording.own(epilogue.residual());
    return recording.add(
        "linear",
        out,
        inputs(residual),
        inputs(in),
        builder -> {
          memory.desc result = OneDnn.matrix(out.dtype(), out.rows(), out.channels());
          PostOps postOps = new PostOps(residual, result, out, epilogue.activation());
          new Linear(in, weight, bias, postOps).build(builder);
        });
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
    Shape shape = OpChecks.groupNorm(x, weight, bias, groups, eps, scaleShift);
    CpuTensor out = recording.result(x.dtype(), shape);
    CpuTensor in = recording.own(x);
    CpuTensor modulation = recording.own(scaleShift);
    GroupNorm op = new GroupNorm(in, weight, bias, groups, eps, modulation, activation, out);
    return recording.add("groupNorm", out, List.of(), inputs(in, modulation), op::build);
  }

  @Override
  public Tensor layerNorm(Tensor x, HostTensor weight, HostTensor bias, float eps) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.layerNorm(x, weight, bias, eps));
    CpuTensor in = recording.own(x);
    return recording.add(
        "layerNorm",
        out,
        List.of(),
        inputs(in),
        builder -> LayerNorm.build(builder, in, weight, bias, eps, out));
  }

  @Override
  public Tensor attention(Tensor qkv, int heads, QkvLayout layout, PositionBias bias) {
    CpuTensor out = recording.result(qkv.dtype(), OpChecks.attention(qkv, heads, bias));
    CpuTensor in = recording.own(qkv);
    Attention op = new Attention(in, heads, layout, bias, out);
    return recording.add("attention", out, List.of(), inputs(in), op::build);
  }

  @Override
  public Tensor prependToken(Tensor x, HostTensor token, HostTensor positions) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.prependToken(x, token, positions));
    CpuTensor in = recording.own(x);
    return recording.add(
        "prependToken",
        out,
        List.of(),
        inputs(in),
        builder -> Tokens.prepend(builder, in, token, positions, out));
  }

  @Override
  public Tensor meanTokens(Tensor x, int from, int to) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.meanTokens(x, from, to));
    CpuTensor in = recording.own(x);
    return recording.add(
        "meanTokens",
        out,
        List.of(),
        inputs(in),
        builder -> Tokens.mean(builder, in, from, to, out));
  }

  @Override
  public Tensor transpose(Tensor x) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.transpose(x));
    CpuTensor in = recording.own(x);
    return recording.add(
        "transpose", out, List.of(), inputs(in), builder -> Tokens.transpose(builder, in, out));
  }

  @Override
  public Tensor channelAffine(Tensor x, HostTensor scale, HostTensor shift, Activation activation) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.channelAffine(x, scale, shift));
    CpuTensor in = recording.own(x);
    return recording.add(
        "channelAffine",
        out,
        inputs(in),
        List.of(),
        builder -> Pointwise.channelAffine(builder, in, scale, shift, activation, out));
  }

  @Override
  public Tensor addPerImage(Tensor x, Tensor vector) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.addPerImage(x, vector));
    CpuTensor in = recording.own(x);
    CpuTensor added = recording.own(vector);
    return recording.add(
        "addPerImage",
        out,
        inputs(in),
        inputs(added),
        builder -> Pointwise.addPerImage(builder, in, added, out));
  }

  @Override
  public Tensor activate(Tensor x, Activation activation) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.activate(x));
    CpuTensor in = recording.own(x);
    return recording.add(
        "activate",
        out,
        inputs(in),
        List.of(),
        builder -> Pointwise.activation(builder, "", in, out, activation));
  }

  @Override
  public Tensor add(Tensor x, Tensor y) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.add(x, y));
    CpuTensor a = recording.own(x);
    CpuTensor b = recording.own(y);
    return recording.add(
        "add", out, inputs(a, b), List.of(), builder -> Pointwise.add(builder, "", a, b, out));
  }

  @Override
  public Tensor combine(float a, Tensor x, float b, Tensor y, float c) {
    CpuTensor out = recording.result(DType.F32, OpChecks.combine(x, b, y));
    CpuTensor p = recording.own(x);
    CpuTensor q = recording.own(y);
    return recording.add(
        "combine",
        out,
        inputs(p, q),
        List.of(),
        builder -> HostOps.combine(builder, a, p, b, q, c, out));
  }

  @Override
  public Tensor upsampleNearest2x(Tensor x) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.upsampleNearest2x(x));
    CpuTensor in = recording.own(x);
    return recording.add(
        "upsampleNearest2x",
        out,
        List.of(),
        inputs(in),
        builder -> Resampling.upsampleNearest2x(builder, in, out));
  }

  @Override
  public Tensor avgPool2d(Tensor x, int size, int stride) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.avgPool2d(x, size, stride));
    CpuTensor in = recording.own(x);
    return recording.add(
        "avgPool2d",
        out,
        List.of(),
        inputs(in),
        builder -> Resampling.avgPool2d(builder, in, size, stride, out));
  }

  @Override
  public Tensor maxPool2d(Tensor x, int size, int stride, int padding) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.maxPool2d(x, size, stride, padding));
    CpuTensor in = recording.own(x);
    MaxPool op = new MaxPool(in, size, stride, padding, out);
    return recording.add("maxPool2d", out, List.of(), inputs(in), op::build);
  }

  @Override
  public Tensor resizeBicubic(Tensor x, int height, int width) {
    CpuTensor out = recording.result(DType.F32, OpChecks.resizeBicubic(x, height, width));
    CpuTensor in = recording.own(x);
    return recording.add(
        "resizeBicubic", out, List.of(), inputs(in), builder -> Resize.bicubic(builder, in, out));
  }

  @Override
  public Tensor toBytes(Tensor x) {
    CpuTensor out = recording.result(DType.F32, OpChecks.toBytes(x));
    CpuTensor in = recording.own(x);
    return recording.add(
        "toBytes", out, inputs(in), List.of(), builder -> HostOps.toBytes(builder, in, out));
  }

  @Override
  public Tensor resizeBytes(Tensor x, int height, int width) {
    CpuTensor out = recording.result(DType.F32, OpChecks.resizeBytes(x, height, width));
    CpuTensor in = recording.own(x);
    return recording.add(
        "resizeBytes", out, List.of(), inputs(in), builder -> Resize.bytes(builder, in, out));
  }

  @Override
  public Tensor concatChannels(Tensor x, Tensor y) {
    CpuTensor out = recording.result(x.dtype(), OpChecks.concatChannels(x, y));
    CpuTensor a = recording.own(x);
    CpuTensor b = recording.own(y);
    return recording.add(
        "concatChannels",
        out,
        List.of(),
        inputs(a, b),
        builder -> Resampling.concatChannels(builder, a, b, out));
  }

  @Override
  public Tensor timestepEmbedding(Tensor timesteps, int dim) {
    CpuTensor out = recording.result(DType.F32, OpChecks.timestepEmbedding(timesteps, dim));
    CpuTensor in = recording.own(timesteps);
    return recording.add(
        "timestepEmbedding",
        out,
        List.of(),
        inputs(in),
        builder -> HostOps.timestepEmbedding(builder, in, out));
  }

  @Override
  public Tensor embedding(Tensor ids, HostTensor table) {
    CpuTensor out = recording.result(DType.F32, OpChecks.embedding(ids, table));
    CpuTensor in = recording.own(ids);
    return recording.add(
        "embedding",
        out,
        List.of(),
        inputs(in),
        builder -> HostOps.embedding(builder, in, table, out));
  }

  @Override
  public Tensor gaussianNoise(Tensor keys, int height, int width, int channels) {
    CpuTensor out =
        recording.result(DType.F32, OpChecks.gaussianNoise(keys, height, width, channels));
    CpuTensor in = recording.own(keys);
    return recording.add(
        "gaussianNoise",
        out,
        List.of(),
        inputs(in),
        builder -> HostOps.gaussianNoise(builder, in, out));
  }

  @Override
  public Tensor ddpmStep(
      Tensor x, Tensor modelOutput, Tensor noise, Tensor coefficients, DdpmOutput output) {
    Shape shape = OpChecks.ddpmStep(x, modelOutput, noise, coefficients, output);
    CpuTensor out = recording.result(DType.F32, shape);
    CpuTensor in = recording.own(x);
    CpuTensor model = recording.own(modelOutput);
    CpuTensor z = recording.own(noise);
    CpuTensor c = recording.own(coefficients);
    DdpmStep op = new DdpmStep(in, model, z, c, output, out);
    return recording.add("ddpmStep", out, inputs(in, z), inputs(model, c), op::build);
  }

  @Override
  public Tensor argmax(Tensor logits) {
    CpuTensor out = recording.result(DType.I32, OpChecks.argmax(logits));
    CpuTensor in = recording.own(logits);
    return recording.add(
        "argmax", out, List.of(), inputs(in), builder -> HostOps.argmax(builder, in, out));
  }

  @Override
  public Tensor cast(Tensor x, DType dtype) {
    Shape shape = OpChecks.cast(x, dtype);
    CpuTensor in = recording.own(x);
    if (x.dtype() == dtype) {
      return in;
    }
    CpuTensor out = recording.result(dtype, shape);
    return recording.add(
        "cast", out, List.of(), inputs(in), builder -> Pointwise.copy(builder, in, out));
  }

  @Override
  public Tensor reshape(Tensor x, Shape shape) {
    CpuTensor in = recording.own(x);
    return new CpuTensor(in.dtype(), OpChecks.reshape(x, shape), in.storage(), in.owner());
  }

  @Override
  public void assign(Tensor persistent, Tensor value) {
    OpChecks.assign(persistent, value);
    CpuTensor in = recording.own(value);
    CpuTensor target = recording.ownPersistent(persistent);
    recording.add(
        "assign", target, inputs(in), List.of(), builder -> Pointwise.copy(builder, in, target));
  }
}
