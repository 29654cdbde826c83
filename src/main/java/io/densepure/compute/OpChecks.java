package io.densepure.compute;

import java.util.Arrays;

/**
 * The shape and dtype rules of {@link Ops}, in one place for all backends. Each method is named
 * after the operation it checks, throws {@link IllegalArgumentException} starting with that name,
 * and returns the shape of the result.
 */
public final class OpChecks {
  private OpChecks() {}

  public static void allocate(DType dtype, Shape shape) {
    require(
        isActivation(dtype) || dtype == DType.I32, "allocate", "cannot hold %s on a device", dtype);
    require(shape.elements() > 0, "allocate", "%s holds no elements", shape);
  }

  public static Shape conv2d(
      Tensor x, HostTensor weight, HostTensor bias, int stride, int padding, Epilogue epilogue) {
    return convolution("conv2d", x, weight, bias, stride, padding, epilogue);
  }

  private static Shape convolution(
      String op,
      Tensor x,
      HostTensor weight,
      HostTensor bias,
      int stride,
      int padding,
      Epilogue epilogue) {
    activation(op, "x", x);
    rank(op, "x", x, "[N, H, W, I]", 4);
    require(weight.shape().rank() == 4, op, "weight %s is not [O, I, kh, kw]", weight);
    int out = weight.shape().dim(0);
    int kh = weight.shape().dim(2);
    int kw = weight.shape().dim(3);
    require(
        weight.shape().dim(1) == x.shape().dim(3),
        op,
        "weight %s does not take the %d channels of x %s",
        weight,
        x.shape().dim(3),
        x.shape());
    weight(op, weight, out, x.shape().dim(3), kh, kw);
    require(stride >= 1, op, "stride %d", stride);
    require(padding >= 0, op, "padding %d", padding);
    int h = x.shape().dim(1) + 2 * padding - kh;
    int w = x.shape().dim(2) + 2 * padding - kw;
    require(
        h >= 0 && w >= 0,
        op,
        "the %d×%d kernel does not fit into x %s with padding %d",
        kh,
        kw,
        x.shape(),
        padding);
    Shape result = Shape.of(x.shape().dim(0), h / stride + 1, w / stride + 1, out);
    epilogue(op, x, result, bias, epilogue);
    return result;
  }

  public static Shape upsampledConv2d(Tensor x, HostTensor weight, HostTensor bias) {
    String op = "upsampledConv2d";
    Shape small = convolution(op, x, weight, bias, 1, 1, Epilogue.NONE);
    require(
        small.dim(1) == x.shape().dim(1) && small.dim(2) == x.shape().dim(2),
        op,
        "weight %s is not [O, I, 3, 3]",
        weight);
    return Shape.of(small.dim(0), 2 * small.dim(1), 2 * small.dim(2), small.dim(3));
  }

  public static Shape linear(Tensor x, HostTensor weight, HostTensor bias, Epilogue epilogue) {
    String op = "linear";
    activation(op, "x", x);
    require(x.shape().rank() >= 1, op, "x is a scalar");
    Shape w = weight.shape();
    require(
        w.rank() >= 2 && w.rank() <= 4 && w.elements() == (long) w.dim(0) * w.dim(1),
        op,
        "weight %s is none of [O, I], [O, I, 1], [O, I, 1, 1]",
        weight);
    require(weight.dtype().isFloat(), op, "weight %s is not floating-point", weight);
    require(
        w.dim(1) == x.shape().dim(-1),
        op,
        "weight %s does not take the %d channels of x %s",
        weight,
        x.shape().dim(-1),
        x.shape());
    Shape result = x.shape().withChannels(w.dim(0));
    epilogue(op, x, result, bias, epilogue);
    return result;
  }

  public static Shape groupNorm(
      Tensor x, HostTensor weight, HostTensor bias, int groups, float eps, Tensor scaleShift) {
    String op = "groupNorm";
    activation(op, "x", x);
    rank(op, "x", x, "[N, H, W, C] or [N, T, C]", 3, 4);
    int c = x.shape().dim(-1);
    require(groups >= 1 && c % groups == 0, op, "%d channels in %d groups", c, groups);
    require(eps > 0, op, "eps %s", eps);
    weight(op, weight, c);
    weight(op, bias, c);
    if (scaleShift != null) {
      dtype(op, "scaleShift", scaleShift, DType.F32);
      perImage(op, "scaleShift", scaleShift, x, 2 * c);
    }
    return x.shape();
  }

  public static Shape layerNorm(Tensor x, HostTensor weight, HostTensor bias, float eps) {
    String op = "layerNorm";
    activation(op, "x", x);
    require(x.shape().rank() >= 1, op, "x is a scalar");
    require(eps > 0, op, "eps %s", eps);
    weight(op, weight, x.shape().dim(-1));
    weight(op, bias, x.shape().dim(-1));
    return x.shape();
  }

  public static Shape attention(Tensor qkv, int heads, PositionBias bias) {
    String op = "attention";
    activation(op, "qkv", qkv);
    rank(op, "qkv", qkv, "[N, T, 3C]", 3);
    int c = qkv.shape().dim(2) / 3;
    require(
        heads >= 1 && qkv.shape().dim(2) == 3 * c && c % heads == 0,
        op,
        "qkv %s does not split into q, k and v of %d heads",
        qkv.shape(),
        heads);
    require(
        bias == null || bias.heads() == heads && bias.tokens() == qkv.shape().dim(1),
        op,
        "%s does not fit %d heads and qkv %s",
        bias,
        heads,
        qkv.shape());
    return qkv.shape().withChannels(c);
  }

  public static Shape prependToken(Tensor x, HostTensor token, HostTensor positions) {
    String op = "prependToken";
    activation(op, "x", x);
    rank(op, "x", x, "[N, T, C]", 3);
    int tokens = Math.addExact(x.shape().dim(1), 1);
    int c = x.shape().dim(2);
    weight(op, token, 1, 1, c);
    if (positions != null) {
      weight(op, positions, 1, tokens, c);
    }
    return Shape.of(x.shape().dim(0), tokens, c);
  }

  public static Shape meanTokens(Tensor x, int from, int to) {
    String op = "meanTokens";
    activation(op, "x", x);
    rank(op, "x", x, "[N, T, C]", 3);
    require(
        0 <= from && from < to && to <= x.shape().dim(1),
        op,
        "x %s has no tokens %d to %d",
        x.shape(),
        from,
        to);
    return Shape.of(x.shape().dim(0), x.shape().dim(2));
  }

  public static Shape transpose(Tensor x) {
    activation("transpose", "x", x);
    rank("transpose", "x", x, "[N, A, B]", 3);
    return Shape.of(x.shape().dim(0), x.shape().dim(2), x.shape().dim(1));
  }

  public static Shape channelAffine(Tensor x, HostTensor scale, HostTensor shift) {
    activation("channelAffine", "x", x);
    require(x.shape().rank() >= 1, "channelAffine", "x is a scalar");
    weight("channelAffine", scale, x.shape().dim(-1));
    weight("channelAffine", shift, x.shape().dim(-1));
    return x.shape();
  }

  public static Shape addPerImage(Tensor x, Tensor vector) {
    activation("addPerImage", "x", x);
    rank("addPerImage", "x", x, "[N, H, W, C]", 4);
    dtype("addPerImage", "vector", vector, DType.F32);
    perImage("addPerImage", "vector", vector, x, x.shape().dim(3));
    return x.shape();
  }

  public static Shape activate(Tensor x) {
    activation("activate", "x", x);
    return x.shape();
  }

  public static Shape add(Tensor x, Tensor y) {
    activation("add", "x", x);
    same("add", "y", y, "x", x.shape(), x.dtype());
    return x.shape();
  }

  public static Shape combine(Tensor x, float b, Tensor y) {
    dtype("combine", "x", x, DType.F32);
    if (y == null) {
      require(b == 0, "combine", "b is %s but there is no y", b);
    } else {
      same("combine", "y", y, "x", x.shape(), DType.F32);
    }
    return x.shape();
  }

  public static Shape upsampleNearest2x(Tensor x) {
    activation("upsampleNearest2x", "x", x);
    rank("upsampleNearest2x", "x", x, "[N, H, W, C]", 4);
    Shape s = x.shape();
    return Shape.of(
        s.dim(0), Math.multiplyExact(s.dim(1), 2), Math.multiplyExact(s.dim(2), 2), s.dim(3));
  }

  public static Shape avgPool2d(Tensor x, int size, int stride) {
    activation("avgPool2d", "x", x);
    rank("avgPool2d", "x", x, "[N, H, W, C]", 4);
    require(size >= 1 && stride >= 1, "avgPool2d", "size %d, stride %d", size, stride);
    int h = x.shape().dim(1) - size;
    int w = x.shape().dim(2) - size;
    require(h >= 0 && w >= 0, "avgPool2d", "x %s is smaller than %d×%d", x.shape(), size, size);
    return Shape.of(x.shape().dim(0), h / stride + 1, w / stride + 1, x.shape().dim(3));
  }

  public static Shape maxPool2d(Tensor x, int size, int stride, int padding) {
    String op = "maxPool2d";
    activation(op, "x", x);
    rank(op, "x", x, "[N, H, W, C]", 4);
    require(size >= 1 && stride >= 1, op, "size %d, stride %d", size, stride);
    require(padding >= 0 && padding <= size / 2, op, "padding %d for size %d", padding, size);
    int h = x.shape().dim(1) + 2 * padding - size;
    int w = x.shape().dim(2) + 2 * padding - size;
    require(h >= 0 && w >= 0, op, "x %s is smaller than %d×%d", x.shape(), size, size);
    return Shape.of(x.shape().dim(0), h / stride + 1, w / stride + 1, x.shape().dim(3));
  }

  public static Shape resizeBicubic(Tensor x, int height, int width) {
    return resized("resizeBicubic", x, height, width);
  }

  public static Shape toBytes(Tensor x) {
    dtype("toBytes", "x", x, DType.F32);
    return x.shape();
  }

  public static Shape resizeBytes(Tensor x, int height, int width) {
    return resized("resizeBytes", x, height, width);
  }

  private static Shape resized(String op, Tensor x, int height, int width) {
    dtype(op, "x", x, DType.F32);
    rank(op, "x", x, "[N, H, W, C]", 4);
    require(height >= 1 && width >= 1, op, "to %d×%d", height, width);
    return Shape.of(x.shape().dim(0), height, width, x.shape().dim(3));
  }

  public static Shape concatChannels(Tensor x, Tensor y) {
    String op = "concatChannels";
    activation(op, "x", x);
    require(x.shape().rank() >= 1 && y.shape().rank() >= 1, op, "x or y is a scalar");
    same(op, "y", y, "x", x.shape().withChannels(y.shape().dim(-1)), x.dtype());
    return x.shape().withChannels(Math.addExact(x.shape().dim(-1), y.shape().dim(-1)));
  }

  public static Shape timestepEmbedding(Tensor timesteps, int dim) {
    dtype("timestepEmbedding", "timesteps", timesteps, DType.F32);
    rank("timestepEmbedding", "timesteps", timesteps, "[N]", 1);
    require(dim >= 2, "timestepEmbedding", "dim %d is below 2", dim);
    return Shape.of(timesteps.shape().dim(0), dim);
  }

  public static Shape embedding(Tensor ids, HostTensor table) {
    dtype("embedding", "ids", ids, DType.I32);
    rank("embedding", "ids", ids, "[N]", 1);
    require(table.shape().rank() == 2, "embedding", "table %s is not [K, D]", table);
    weight("embedding", table, table.shape().toArray());
    return Shape.of(ids.shape().dim(0), table.shape().dim(1));
  }

  public static Shape gaussianNoise(Tensor keys, int height, int width, int channels) {
    String op = "gaussianNoise";
    dtype(op, "keys", keys, DType.I32);
    rank(op, "keys", keys, "[N, 5]", 2);
    require(keys.shape().dim(1) == Ops.NOISE_KEY_WORDS, op, "keys %s are not [N, 5]", keys.shape());
    require(
        height >= 1 && width >= 1 && channels >= 1,
        op,
        "image of %d×%d×%d",
        height,
        width,
        channels);
    Shape result = Shape.of(keys.shape().dim(0), height, width, channels);
    Math.toIntExact(result.elements());
    return result;
  }

  public static Shape ddpmStep(
      Tensor x, Tensor modelOutput, Tensor noise, Tensor coefficients, DdpmOutput output) {
    String op = "ddpmStep";
    dtype(op, "x", x, DType.F32);
    rank(op, "x", x, "[N, H, W, C]", 4);
    int c = x.shape().dim(3);
    int m = modelOutput.shape().rank() == 4 ? modelOutput.shape().dim(3) : 0;
    require(
        m == c || m == 2 * c,
        op,
        "modelOutput %s has neither the channels of x %s nor twice as many",
        modelOutput.shape(),
        x.shape());
    same(op, "modelOutput", modelOutput, "x", x.shape().withChannels(m), DType.F32);
    require(noise != null || output != DdpmOutput.SAMPLE, op, "a sample needs noise");
    if (noise != null) {
      same(op, "noise", noise, "x", x.shape(), DType.F32);
    }
    Shape eight = Shape.of(DdpmCoefficients.LENGTH);
    require(
        coefficients.shape().equals(eight) && coefficients.dtype() == DType.F32,
        op,
        "coefficients are %s %s, not F32 %s",
        coefficients.dtype(),
        coefficients.shape(),
        eight);
    return x.shape();
  }

  public static Shape argmax(Tensor logits) {
    activation("argmax", "logits", logits);
    rank("argmax", "logits", logits, "[N, K]", 2);
    return Shape.of(logits.shape().dim(0));
  }

  public static Shape cast(Tensor x, DType dtype) {
    activation("cast", "x", x);
    require(isActivation(dtype), "cast", "%s is not a dtype of activations", dtype);
    return x.shape();
  }

  public static Shape reshape(Tensor x, Shape shape) {
    require(
        x.shape().elements() == shape.elements(),
        "reshape",
        "%s has another number of elements than %s",
        shape,
        x.shape());
    return shape;
  }

  public static void assign(Tensor persistent, Tensor value) {
    same(
        "assign", "value", value, "the tensor assigned to", persistent.shape(), persistent.dtype());
  }

  private static void epilogue(
      String op, Tensor x, Shape result, HostTensor bias, Epilogue epilogue) {
    if (bias != null) {
      weight(op, bias, result.dim(-1));
    }
    DType out = epilogue.resultType(x);
    require(isActivation(out), op, "%s is not a dtype of activations", out);
    if (epilogue.residual() != null) {
      same(op, "residual", epilogue.residual(), "the result", result, out);
    }
  }

  private static void perImage(String op, String name, Tensor vector, Tensor x, int channels) {
    Shape s = vector.shape();
    require(
        s.rank() == 2 && (s.dim(0) == 1 || s.dim(0) == x.shape().dim(0)) && s.dim(1) == channels,
        op,
        "%s %s is neither [1, %d] nor [%d, %d]",
        name,
        s,
        channels,
        x.shape().dim(0),
        channels);
  }

  private static void weight(String op, HostTensor t, int... dims) {
    require(
        t.shape().equals(Shape.of(dims)), op, "%s is not of shape %s", t, Arrays.toString(dims));
    require(t.dtype().isFloat(), op, "%s is not floating-point", t);
  }

  private static void same(
      String op, String name, Tensor t, String other, Shape shape, DType dtype) {
    require(
        t.shape().equals(shape) && t.dtype() == dtype,
        op,
        "%s is %s %s, which does not fit %s: %s %s needed",
        name,
        t.dtype(),
        t.shape(),
        other,
        dtype,
        shape);
  }

  private static void rank(String op, String name, Tensor t, String wanted, int... ranks) {
    int rank = t.shape().rank();
    require(
        Arrays.stream(ranks).anyMatch(r -> r == rank),
        op,
        "%s %s is not %s",
        name,
        t.shape(),
        wanted);
  }

  private static void activation(String op, String name, Tensor t) {
    require(isActivation(t.dtype()), op, "%s is %s, not floating-point", name, t.dtype());
  }

  private static void dtype(String op, String name, Tensor t, DType wanted) {
    require(t.dtype() == wanted, op, "%s is %s, not %s", name, t.dtype(), wanted);
  }

  private static boolean isActivation(DType dtype) {
    return dtype == DType.F32 || dtype == DType.F16 || dtype == DType.BF16;
  }

  private static void require(boolean ok, String op, String format, Object... args) {
    if (!ok) {
      throw new IllegalArgumentException(op + ": " + String.format(format, args));
    }
  }
}
