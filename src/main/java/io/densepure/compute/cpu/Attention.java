package io.densepure.compute.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import io.densepure.compute.DType;
import io.densepure.compute.QkvLayout;
import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.bytedeco.dnnl.global.dnnl.prop_kind;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.softmax_forward;

/**
 * Two batched matrix products and a softmax between them. q, k and v are strided views of the joint
 * tensor, so nothing is transposed or copied. A few images at a time, so that their scores stay in
 * the cache.
 */
record Attention(CpuTensor qkv, int heads, QkvLayout layout, CpuTensor out) {
  /** Scores of this many bytes at once. */
  private static final long SCORE_BYTES = 4L << 20;

  private record Part(String name, primitive_desc_base description, primitive primitive) {
    Part(String name, primitive_desc_base description) {
      this(name, description, new primitive(description.get()));
    }

    PrimitiveStep emit(StepBuilder builder) {
      return builder.primitive(
          name, description.impl_info_str().getString(), primitive, description);
    }
  }

  void build(StepBuilder builder) {
    int images = out.shape().dim(0);
    int tokens = out.shape().dim(1);
    int channels = out.shape().dim(2);
    int size = channels / heads;
    int perCall = imagesPerCall(images, 4L * heads * tokens * tokens);
    long headStride = layout == QkvLayout.HEADS_FIRST ? 3L * size : size;
    long partStride = layout == QkvLayout.HEADS_FIRST ? size : channels;
    long imageStride = 3L * tokens * channels;
    if (tokens == 1) {
      copyValues(builder, images, size, headStride, 2 * partStride);
      return;
    }
    long[] rows = {perCall, heads, tokens, size};
    memory.desc q = strided(rows, imageStride, headStride, 3L * channels, 1);
    memory.desc kTransposed =
        strided(
            new long[] {perCall, heads, size, tokens}, imageStride, headStride, 1, 3L * channels);
    memory.desc result = strided(rows, (long) tokens * channels, size, channels, 1);
    long[] square = {perCall, heads, tokens, tokens};
    memory.desc scores = new memory.desc(square, memory.data_type.f32, memory.format_tag.abcd);
    memory.desc shares = new memory.desc(square, OneDnn.type(out.dtype()), memory.format_tag.abcd);

    post_ops scale = new post_ops();
    scale.append_eltwise(algorithm.eltwise_linear, (float) (1 / Math.sqrt(size)), 0f);
    Part product =
        new Part(
            "q·k",
            new matmul.primitive_desc(
                builder.engine(), q, kTransposed, scores, OneDnn.attributes(scale), false));
    Part softmax =
        new Part(
            "softmax",
            new softmax_forward.primitive_desc(
                builder.engine(),
                prop_kind.forward_inference,
                algorithm.softmax_accurate,
                scores,
                shares,
                3,
                OneDnn.attributes(),
                false));
    Part average =
        new Part(
            "·v",
            new matmul.primitive_desc(
                builder.engine(), shares, q, result, OneDnn.attributes(), false));
    Storage score = builder.scratch(scores.get_size());
    Storage share = out.dtype() == DType.F32 ? score : builder.scratch(shares.get_size());
    int element = out.dtype().bytes();
    for (int image = 0; image < images; image += perCall) {
      long from = image * imageStride * element;
      long to = (long) image * tokens * channels * element;
      product
          .emit(builder)
          .with(DNNL_ARG_SRC, q, qkv.storage(), from)
          .with(DNNL_ARG_WEIGHTS, kTransposed, qkv.storage(), from + partStride * element)
          .with(DNNL_ARG_DST, scores, score, 0);
      softmax
          .emit(builder)
          .with(DNNL_ARG_SRC, scores, score, 0)
          .with(DNNL_ARG_DST, shares, share, 0);
      average
          .emit(builder)
          .with(DNNL_ARG_SRC, shares, share, 0)
          .with(DNNL_ARG_WEIGHTS, q, qkv.storage(), from + 2 * partStride * element)
          .with(DNNL_ARG_DST, result, out.storage(), to);
    }
  }

  /** A single token attends to itself alone. oneDNN 3.13 gets these products of depth 1 wrong. */
  private void copyValues(
      StepBuilder builder, int images, int size, long headStride, long valueOffset) {
    long[] vectors = {images, heads, size};
    memory.desc v = strided(vectors, qkv.channels(), headStride, 1);
    memory.desc result = strided(vectors, out.channels(), size, 1);
    builder
        .primitive(
            "",
            new reorder.primitive_desc(
                builder.engine(), v, builder.engine(), result, OneDnn.attributes(), false))
        .with(DNNL_ARG_SRC, v, qkv.storage(), valueOffset * out.dtype().bytes())
        .with(DNNL_ARG_DST, result, out);
  }

  /** The largest divisor of {@code images} whose scores fit the budget, at least 1. */
  private static int imagesPerCall(int images, long bytesPerImage) {
    int n = images;
    while (n > 1 && (images % n != 0 || n * bytesPerImage > SCORE_BYTES)) {
      n--;
    }
    return n;
  }

  private memory.desc strided(long[] dims, long... strides) {
    return new memory.desc(dims, OneDnn.type(qkv.dtype()), strides);
  }
}
