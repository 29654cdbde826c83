package io.densepure.model;

import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;

/**
 * The encoder block of ViT (Dosovitskiy et al. 2021) and BEiT: x + attention(norm1(x)), then x +
 * mlp(norm2(x)).
 *
 * @param name of the module in PyTorch
 * @param attentionName of the attention in it
 */
record TransformerBlock(
    String name,
    String attentionName,
    LayerNorm norm1,
    SelfAttention attention,
    LayerNorm norm2,
    Mlp mlp) {

  /** {@code [N, T, width]} to the same shape. */
  Tensor forward(Ops ops, Tensor x) {
    Tensor h = attention.forward(ops, norm1.apply(ops, x), x, attentionName);
    Tensor y = mlp.forward(ops, norm2.apply(ops, h), Epilogue.residual(h));
    ops.probe(name, () -> y);
    return y;
  }
}
