package io.densepure.compute;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.numbers.gamma.Erf;

/**
 * Every operation in its plainest form: check, make the result's array, add a closure that fills
 * it. Sums are in float64. The loops are in {@link ReferenceKernels}.
 */
final class ReferenceOps implements Ops {
  private final ReferenceDevice device;
  private final List<Runnable> steps;

  ReferenceOps(ReferenceDevice device, List<Runnable> steps) {
    this.device = device;
    this.steps = steps;
  }

  /** A tensor of the device or of this program, or null for null. */
  private ReferenceTensor ref(Tensor t) {
    return t instanceof ReferenceTensor own && own.owner() == this
        ? own
        : t == null ? null : device.own(t);
  }

  private ReferenceTensor result(DType dtype, Shape shape) {
    return new ReferenceTensor(dtype, shape, this);
  }

  private Tensor step(ReferenceTensor result, Runnable compute) {
    steps.add(compute);
    return result;
  }

  /** A result whose element i is {@code f(x[i])}. */
  private Tensor map(Tensor x, DType dtype, DoubleUnaryOperator f) {
    ReferenceTensor in = ref(x);
    ReferenceTensor out = result(dtype, x.shape());
    return step(
        out,
        () -> {
          for (int i = 0; i < in.floats.length; i++) {
            out.set(i, f.applyAsDouble(in.get(i)));
          }
        });
  }

  static double apply(Activation activation, double x) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> Math.max(x, 0);
      case SILU -> x / (1 + Math.exp(-x));
      case GELU -> x / 2 * (1 + Erf.value(x / Math.sqrt(2)));
    };
  }

  @Override
  public Tensor conv2d(
      Tensor x, HostTensor weight, HostTensor bias, int stride, int padding, Epilogue epilogue) {
    Shape shape = OpChecks.conv2d(x, weight, bias, stride, padding, epilogue);
    ReferenceTensor in = ref(x);
    ReferenceTensor residual = ref(epilogue.residual());
    ReferenceTensor out = result(epilogue.resultType(x), shape);
    return step(
        out,
        () ->
            ReferenceKernels.conv2d(
                in, weight, bias, stride, padding, residual, epilogue.activation(), out));
  }

  @Override
  public Tensor linear(Tensor x, HostTensor weight, HostTensor bias, Epilogue epilogue) {
    Shape shape = OpChecks.linear(x, weight, bias, epilogue);
    ReferenceTensor in = ref(x);
    ReferenceTensor residual = ref(epilogue.residual());
    ReferenceTensor out = result(epilogue.resultType(x), shape);
    return step(
        out, () -> ReferenceKernels.linear(in, weight, bias, residual, epilogue.activation(), out));
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
    ReferenceTensor out = result(x.dtype(), shape);
    ReferenceTensor in = ref(x);
    ReferenceTensor modulation = ref(scaleShift);
    return step(
        out,
        () ->
            ReferenceKernels.groupNorm(in, weight, bias, groups, eps, modulation, activation, out));
  }

  @Override
  public Tensor layerNorm(Tensor x, HostTensor weight, HostTensor bias, float eps) {
    ReferenceTensor out = result(x.dtype(), OpChecks.layerNorm(x, weight, bias, eps));
    ReferenceTensor in = ref(x);
    return step(out, () -> ReferenceKernels.layerNorm(in, weight, bias, eps, out));
  }

  @Override
  public Tensor attention(Tensor qkv, int heads, QkvLayout layout, PositionBias bias) {
    ReferenceTensor out = result(qkv.dtype(), OpChecks.attention(qkv, heads, bias));
    ReferenceTensor in = ref(qkv);
    return step(out, () -> ReferenceKernels.attention(in, heads, layout, bias, out));
  }

  @Override
  public Tensor prependToken(Tensor x, HostTensor token, HostTensor positions) {
    ReferenceTensor out = result(x.dtype(), OpChecks.prependToken(x, token, positions));
    ReferenceTensor in = ref(x);
    int perSequence = out.shape().dim(1) * out.shape().dim(2);
    int channels = out.shape().dim(2);
    return step(
        out,
        () -> {
          float[] first = token.toFloats();
          float[] added = positions == null ? new float[perSequence] : positions.toFloats();
          for (int i = 0; i < out.floats.length; i++) {
            int j = i % perSequence;
            int n = i / perSequence;
            float v = j < channels ? first[j] : in.get(i - (n + 1) * channels);
            out.set(i, v + added[j]);
          }
        });
  }

  @Override
  public Tensor meanTokens(Tensor x, int from, int to) {
    ReferenceTensor out = result(x.dtype(), OpChecks.meanTokens(x, from, to));
    ReferenceTensor in = ref(x);
    int tokens = x.shape().dim(1);
    int channels = x.shape().dim(2);
    return step(
        out,
        () -> {
          for (int i = 0; i < out.floats.length; i++) {
            double sum = 0;
            for (int t = from; t < to; t++) {
              sum += in.get((i / channels * tokens + t) * channels + i % channels);
            }
            out.set(i, sum / (to - from));
          }
        });
  }

  @Override
  public Tensor transpose(Tensor x) {
    ReferenceTensor out = result(x.dtype(), OpChecks.transpose(x));
    ReferenceTensor in = ref(x);
    int a = x.shape().dim(1);
    int b = x.shape().dim(2);
    return step(
        out,
        () -> {
          for (int i = 0; i < in.floats.length; i++) {
            int row = i / b % a;
            out.set(i - row * b - i % b + i % b * a + row, in.get(i));
          }
        });
  }

  @Override
  public Tensor channelAffine(Tensor x, HostTensor scale, HostTensor shift, Activation activation) {
    ReferenceTensor in = ref(x);
    ReferenceTensor out = result(x.dtype(), OpChecks.channelAffine(x, scale, shift));
    int channels = x.shape().dim(-1);
    return step(
        out,
        () -> {
          float[] a = scale.toFloats();
          float[] b = shift.toFloats();
          for (int i = 0; i < in.floats.length; i++) {
            int c = i % channels;
            out.set(i, apply(activation, (double) in.get(i) * a[c] + b[c]));
          }
        });
  }

  @Override
  public Tensor addPerImage(Tensor x, Tensor vector) {
    ReferenceTensor in = ref(x);
    ReferenceTensor v = ref(vector);
    ReferenceTensor out = result(x.dtype(), OpChecks.addPerImage(x, vector));
    int channels = x.shape().dim(-1);
    int perImage = in.floats.length / x.shape().dim(0);
    boolean shared = vector.shape().dim(0) == 1;
    return step(
        out,
        () -> {
          for (int i = 0; i < in.floats.length; i++) {
            int image = shared ? 0 : i / perImage;
            out.set(i, in.get(i) + v.get(image * channels + i % channels));
          }
        });
  }

  @Override
  public Tensor activate(Tensor x, Activation activation) {
    OpChecks.activate(x);
    return map(x, x.dtype(), v -> apply(activation, v));
  }

  @Override
  public Tensor add(Tensor x, Tensor y) {
    ReferenceTensor a = ref(x);
    ReferenceTensor b = ref(y);
    ReferenceTensor out = result(x.dtype(), OpChecks.add(x, y));
    return step(
        out,
        () -> {
          for (int i = 0; i < a.floats.length; i++) {
            out.set(i, a.get(i) + b.get(i));
          }
        });
  }

  @Override
  public Tensor combine(float a, Tensor x, float b, Tensor y, float c) {
    ReferenceTensor p = ref(x);
    ReferenceTensor q = ref(y);
    ReferenceTensor out = result(DType.F32, OpChecks.combine(x, b, y));
    return step(
        out,
        () -> {
          for (int i = 0; i < p.floats.length; i++) {
            float v = a * p.floats[i];
            if (q != null) {
              v = v + b * q.floats[i];
            }
            out.floats[i] = v + c;
          }
        });
  }

  @Override
  public Tensor upsampleNearest2x(Tensor x) {
    ReferenceTensor out = result(x.dtype(), OpChecks.upsampleNearest2x(x));
    ReferenceTensor in = ref(x);
    return step(out, () -> ReferenceKernels.upsampleNearest2x(in, out));
  }

  @Override
  public Tensor avgPool2d(Tensor x, int size, int stride) {
    ReferenceTensor out = result(x.dtype(), OpChecks.avgPool2d(x, size, stride));
    ReferenceTensor in = ref(x);
    return step(out, () -> ReferenceKernels.avgPool2d(in, size, stride, out));
  }

  @Override
  public Tensor maxPool2d(Tensor x, int size, int stride, int padding) {
    ReferenceTensor in = ref(x);
    ReferenceTensor out = result(x.dtype(), OpChecks.maxPool2d(x, size, stride, padding));
    return step(out, () -> ReferenceKernels.maxPool2d(in, size, stride, padding, out));
  }

  @Override
  public Tensor resizeBicubic(Tensor x, int height, int width) {
    ReferenceTensor in = ref(x);
    ReferenceTensor out = result(DType.F32, OpChecks.resizeBicubic(x, height, width));
    return step(out, () -> ReferenceResizing.bicubic(in, out));
  }

  @Override
  public Tensor toBytes(Tensor x) {
    OpChecks.toBytes(x);
    return map(x, DType.F32, v -> ReferenceResizing.toByte((float) v));
  }

  @Override
  public Tensor resizeBytes(Tensor x, int height, int width) {
    ReferenceTensor in = ref(x);
    ReferenceTensor out = result(DType.F32, OpChecks.resizeBytes(x, height, width));
    return step(out, () -> ReferenceResizing.bytes(in, out));
  }

  @Override
  public Tensor concatChannels(Tensor x, Tensor y) {
    ReferenceTensor a = ref(x);
    ReferenceTensor b = ref(y);
    ReferenceTensor out = result(x.dtype(), OpChecks.concatChannels(x, y));
    int ca = x.shape().dim(-1);
    int cb = y.shape().dim(-1);
    return step(
        out,
        () -> {
          for (int row = 0; row < x.shape().rows(); row++) {
            System.arraycopy(a.floats, row * ca, out.floats, row * (ca + cb), ca);
            System.arraycopy(b.floats, row * cb, out.floats, row * (ca + cb) + ca, cb);
          }
        });
  }

  @Override
  public Tensor timestepEmbedding(Tensor timesteps, int dim) {
    ReferenceTensor t = ref(timesteps);
    ReferenceTensor out = result(DType.F32, OpChecks.timestepEmbedding(timesteps, dim));
    int half = dim / 2;
    return step(
        out,
        () -> {
          for (int n = 0; n < t.floats.length; n++) {
            for (int i = 0; i < half; i++) {
              float frequency = (float) Math.exp((float) -Math.log(10000) * i / half);
              float angle = t.floats[n] * frequency;
              out.floats[n * dim + i] = (float) Math.cos(angle);
              out.floats[n * dim + half + i] = (float) Math.sin(angle);
            }
          }
        });
  }

  @Override
  public Tensor embedding(Tensor ids, HostTensor table) {
    ReferenceTensor out = result(DType.F32, OpChecks.embedding(ids, table));
    int[] id = ref(ids).ints;
    int d = table.shape().dim(1);
    return step(
        out,
        () -> {
          float[] rows = table.toFloats();
          for (int n = 0; n < id.length; n++) {
            System.arraycopy(rows, id[n] * d, out.floats, n * d, d);
          }
        });
  }

  @Override
  public Tensor gaussianNoise(Tensor keys, int height, int width, int channels) {
    ReferenceTensor out = result(DType.F32, OpChecks.gaussianNoise(keys, height, width, channels));
    ReferenceTensor in = ref(keys);
    return step(out, () -> ReferenceKernels.gaussianNoise(in, out));
  }

  @Override
  public Tensor ddpmStep(
      Tensor x, Tensor modelOutput, Tensor noise, Tensor coefficients, DdpmOutput output) {
    ReferenceTensor out =
        result(DType.F32, OpChecks.ddpmStep(x, modelOutput, noise, coefficients, output));
    ReferenceTensor in = ref(x);
    ReferenceTensor model = ref(modelOutput);
    ReferenceTensor z = ref(noise);
    ReferenceTensor c = ref(coefficients);
    return step(out, () -> ReferenceKernels.ddpmStep(in, model, z, c, output, out));
  }

  @Override
  public Tensor argmax(Tensor logits) {
    ReferenceTensor in = ref(logits);
    ReferenceTensor out = result(DType.I32, OpChecks.argmax(logits));
    int k = logits.shape().dim(1);
    return step(
        out,
        () -> {
          for (int n = 0; n < out.ints.length; n++) {
            int best = 0;
            boolean finite = true;
            for (int i = 0; i < k; i++) {
              finite &= Float.isFinite(in.get(n * k + i));
              if (in.get(n * k + i) > in.get(n * k + best)) {
                best = i;
              }
            }
            out.ints[n] = finite ? best : NOT_FINITE;
          }
        });
  }

  @Override
  public Tensor cast(Tensor x, DType dtype) {
    OpChecks.cast(x, dtype);
    return x.dtype() == dtype ? x : map(x, dtype, v -> v);
  }

  @Override
  public Tensor reshape(Tensor x, Shape shape) {
    return ref(x).view(OpChecks.reshape(x, shape));
  }

  @Override
  public void assign(Tensor persistent, Tensor value) {
    OpChecks.assign(persistent, value);
    ReferenceTensor target = ref(persistent);
    ReferenceTensor source = ref(value);
    if (target.owner() != device) {
      throw new IllegalArgumentException("assign: not a persistent tensor");
    }
    steps.add(() -> target.copyFrom(source));
  }
}
