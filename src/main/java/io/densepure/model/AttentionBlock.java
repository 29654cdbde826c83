package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.QkvLayout;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * Every pixel attends to every other ({@code unet.py, AttentionBlock}): x + proj(attention(qkv(
 * norm(x)))).
 *
 * @param norm {@code norm}
 * @param qkv {@code qkv}, {@code [3C, C, 1]}
 * @param projOut {@code proj_out}, {@code [C, C, 1]}
 */
record AttentionBlock(GroupNorm32 norm, Linear qkv, Linear projOut, int heads, QkvLayout layout)
    implements UNetLayer {

  static AttentionBlock load(WeightPath at, int channels, int heads, QkvLayout layout) {
    return new AttentionBlock(
        GroupNorm32.load(at.at("norm"), channels),
        Linear.loadConv1d(at.at("qkv"), channels, 3 * channels),
        Linear.loadConv1d(at.at("proj_out"), channels, channels),
        heads,
        layout);
  }

  @Override
  public Tensor forward(Ops ops, Tensor x, Tensor emb) {
    Shape s = x.shape(); // [N, H, W, C]
    Tensor tokens = ops.reshape(x, Shape.of(s.dim(0), s.dim(1) * s.dim(2), s.dim(3))); // [N, T, C]
    Tensor h = norm.apply(ops, tokens, Activation.NONE);
    h = qkv.apply(ops, h, Epilogue.NONE); // [N, T, 3C]
    h = ops.attention(h, heads, layout); // [N, T, C]
    h = projOut.apply(ops, h, Epilogue.residual(tokens));
    return ops.reshape(h, s);
  }
}
