package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.densepure.compute.DType;
import io.densepure.compute.PositionBias;
import io.densepure.compute.QkvLayout;
import io.densepure.compute.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.softmax_forward;

/**
 * Two batched matrix products and a softmax between them. q, k and v are strided views of the joint
 * tensor, so nothing is transposed or copied. A few images at a time, or a few heads of one image,
 * so that their scores stay in the cache and need no more memory than that; the heads in the outer
 * loop, so that their bias is looked up once for all images.
 */
final class Attention {
  /** Scores of this many bytes at once: a core's second-level cache. */
  private static final long SCORE_BYTES = 1L << 20;

  private final CpuTensor qkv; // [images, tokens, 3·channels]
  private final CpuTensor out; // [images, tokens, channels]
  private final int heads;
  private final int images;
  private final int tokens;
  private final int channels;
  private final int size; // channels of a head
  private final PositionBias bias; // or null
  private final int imagesPerCall;
  private final int headsPerCall;
  private final long headStride; // in elements, from one head's q to the next one's
  private final long partStride; // from q to k, and from k to v

  Attention(CpuTensor qkv, int heads, QkvLayout layout, PositionBias bias, CpuTensor out) {
    this.qkv = qkv;
    this.out = out;
    this.heads = heads;
    images = out.shape().dim(0);
    tokens = out.shape().dim(1);
    channels = out.shape().dim(2);
    size = channels / heads;
    this.bias = bias;
    long scoreBytes = 4L * tokens * tokens;
    headsPerCall = perCall(heads, scoreBytes);
    imagesPerCall = headsPerCall < heads || bias != null ? 1 : perCall(images, heads * scoreBytes);
    headStride = layout == QkvLayout.HEADS_FIRST ? 3L * size : size;
    partStride = layout == QkvLayout.HEADS_FIRST ? size : channels;
  }

  /** The largest divisor of {@code count} whose scores fit the budget, at least 1. */
  private static int perCall(int count, long bytesOfOne) {
    int n = count;
    while (n > 1 && (count % n != 0 || n * bytesOfOne > SCORE_BYTES)) {
      n--;
    }
    return n;
  }

  void build(StepBuilder builder) {
    if (tokens == 1) {
      copyValues(builder);
    } else {
      multiply(builder);
    }
  }

  /** A single token attends to itself alone. oneDNN 3.13 gets these products of depth 1 wrong. */
  private void copyValues(StepBuilder builder) {
    long[] vectors = {images, heads, size};
    memory.desc v = strided(vectors, qkv.channels(), headStride, 1);
    memory.desc result = strided(vectors, channels, size, 1);
    var description =
        new reorder.primitive_desc(
            builder.engine(), v, builder.engine(), result, OneDnn.attributes(), false);
    builder
        .primitive("", description)
        .with(DNNL_ARG_SRC, v, qkv.storage(), 2 * partStride * out.dtype().bytes())
        .with(DNNL_ARG_DST, result, out);
  }

  private void multiply(StepBuilder builder) {
    long imageStride = 3L * tokens * channels;
    long tokenStride = 3L * channels;
    long[] vectors = {imagesPerCall, headsPerCall, tokens, size};
    long[] transposed = {imagesPerCall, headsPerCall, size, tokens};
    long[] pairs = {imagesPerCall, headsPerCall, tokens, tokens};
    memory.desc qOrV = strided(vectors, imageStride, headStride, tokenStride, 1);
    memory.desc k = strided(transposed, imageStride, headStride, 1, tokenStride);
    memory.desc scores = dense(DType.F32, pairs);
    memory.desc shares = dense(out.dtype(), pairs);
    memory.desc result = strided(vectors, (long) tokens * channels, size, channels, 1);
    var product = builder.reusable("q·k", product(builder.engine(), qOrV, k, scores));
    var softmax = builder.reusable("softmax", softmax(builder.engine(), scores, shares));
    var average = builder.reusable("·v", average(builder.engine(), shares, qOrV, result));

    Storage score = builder.scratch(scores.get_size());
    Storage share = out.dtype() == DType.F32 ? score : builder.scratch(shares.get_size());
    CpuTensor added =
        bias == null ? null : builder.scratch(DType.F32, Shape.of(headsPerCall, tokens, tokens));
    long element = out.dtype().bytes();
    for (int head = 0; head < heads; head += headsPerCall) {
      if (bias != null) {
        lookUpBias(builder, head, added);
      }
      for (int image = 0; image < images; image += imagesPerCall) {
        long q = (image * imageStride + head * headStride) * element;
        long to = ((long) image * tokens * channels + (long) head * size) * element;
        PrimitiveStep multiplication =
            product
                .step()
                .with(DNNL_ARG_SRC, qOrV, qkv.storage(), q)
                .with(DNNL_ARG_WEIGHTS, k, qkv.storage(), q + partStride * element)
                .with(DNNL_ARG_DST, scores, score, 0);
        if (bias != null) {
          multiplication.with(PostOps.operand(1), scores, added);
        }
        softmax.step().with(DNNL_ARG_SRC, scores, score, 0).with(DNNL_ARG_DST, shares, share, 0);
        average
            .step()
            .with(DNNL_ARG_SRC, shares, share, 0)
            .with(DNNL_ARG_WEIGHTS, qOrV, qkv.storage(), q + 2 * partStride * element)
            .with(DNNL_ARG_DST, result, out.storage(), to);
      }
    }
  }

  /** Makes the bias of the heads from {@code firstHead} on, {@code [headsPerCall, T, T]}. */
  private void lookUpBias(StepBuilder builder, int firstHead, CpuTensor to) {
    int entries = bias.table().shape().dim(1);
    float[] table = bias.table().toFloats();
    IntBuffer index = builder.integers(bias.index());
    builder.host(
        "bias",
        () -> {
          FloatBuffer target = to.floats();
          return () ->
              HostOps.forEach(
                  headsPerCall * tokens,
                  to,
                  builder,
                  row -> {
                    int ofHead = (firstHead + row / tokens) * entries;
                    int from = row % tokens * tokens;
                    for (int key = 0; key < tokens; key++) {
                      target.put(row * tokens + key, table[ofHead + index.get(from + key)]);
                    }
                  });
        });
  }

  /** q·kᵀ/√size, plus the bias. */
  private matmul.primitive_desc product(
      engine engine, memory.desc q, memory.desc k, memory.desc scores) {
    post_ops postOps = new post_ops();
    postOps.append_eltwise(algorithm.eltwise_linear, (float) (1 / Math.sqrt(size)), 0f);
    if (bias != null) {
      postOps.append_binary(algorithm.binary_add, scores);
    }
    return new matmul.primitive_desc(engine, q, k, scores, OneDnn.attributes(postOps), false);
  }

  private static softmax_forward.primitive_desc softmax(
      engine engine, memory.desc scores, memory.desc shares) {
    return new softmax_forward.primitive_desc(
        engine,
        prop_kind.forward_inference,
        algorithm.softmax_accurate,
        scores,
        shares,
        3,
        OneDnn.attributes(),
        false);
  }

  private static matmul.primitive_desc average(
      engine engine, memory.desc shares, memory.desc v, memory.desc result) {
    return new matmul.primitive_desc(engine, shares, v, result, OneDnn.attributes(), false);
  }

  private static memory.desc dense(DType dtype, long[] dims) {
    return new memory.desc(dims, OneDnn.type(dtype), memory.format_tag.abcd);
  }

  private memory.desc strided(long[] dims, long... strides) {
    return new memory.desc(dims, OneDnn.type(qkv.dtype()), strides);
  }
}
