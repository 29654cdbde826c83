package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.densepure.compute.DType;
import io.densepure.compute.QkvLayout;
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
 * tensor, so nothing is transposed or copied. A few images at a time, so that their scores stay in
 * the cache.
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
  private final int perCall; // images
  private final long headStride; // in elements, from one head's q to the next one's
  private final long partStride; // from q to k, and from k to v

  Attention(CpuTensor qkv, int heads, QkvLayout layout, CpuTensor out) {
    this.qkv = qkv;
    this.out = out;
    this.heads = heads;
    images = out.shape().dim(0);
    tokens = out.shape().dim(1);
    channels = out.shape().dim(2);
    size = channels / heads;
    perCall = imagesPerCall(images, 4L * heads * tokens * tokens);
    headStride = layout == QkvLayout.HEADS_FIRST ? 3L * size : size;
    partStride = layout == QkvLayout.HEADS_FIRST ? size : channels;
  }

  /** The largest divisor of {@code images} whose scores fit the budget, at least 1. */
  private static int imagesPerCall(int images, long bytesPerImage) {
    int n = images;
    while (n > 1 && (images % n != 0 || n * bytesPerImage > SCORE_BYTES)) {
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
    long[] vectors = {perCall, heads, tokens, size};
    long[] transposed = {perCall, heads, size, tokens};
    long[] pairs = {perCall, heads, tokens, tokens};
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
    long element = out.dtype().bytes();
    for (int image = 0; image < images; image += perCall) {
      long q = image * imageStride * element;
      long to = (long) image * tokens * channels * element;
      product
          .step()
          .with(DNNL_ARG_SRC, qOrV, qkv.storage(), q)
          .with(DNNL_ARG_WEIGHTS, k, qkv.storage(), q + partStride * element)
          .with(DNNL_ARG_DST, scores, score, 0);
      softmax.step().with(DNNL_ARG_SRC, scores, score, 0).with(DNNL_ARG_DST, shares, share, 0);
      average
          .step()
          .with(DNNL_ARG_SRC, shares, share, 0)
          .with(DNNL_ARG_WEIGHTS, qOrV, qkv.storage(), q + 2 * partStride * element)
          .with(DNNL_ARG_DST, result, out.storage(), to);
    }
  }

  /** q·kᵀ/√size. */
  private matmul.primitive_desc product(
      engine engine, memory.desc q, memory.desc k, memory.desc scores) {
    post_ops scale = new post_ops();
    scale.append_eltwise(algorithm.eltwise_linear, (float) (1 / Math.sqrt(size)), 0f);
    return new matmul.primitive_desc(engine, q, k, scores, OneDnn.attributes(scale), false);
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
