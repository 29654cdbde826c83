package io.densepure.model;

import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.PositionBias;
import io.densepure.compute.QkvLayout;
import io.densepure.compute.Tensor;

/**
 * Every token attends to every other.
 *
 * @param qkv from width to three times the heads' channels, q, k and v one after the other
 * @param bias what the scores get for the tokens' places, or null
 * @param proj from the heads' channels to width
 * @param scaledProj {@code proj} with the factors of the branch folded into it; {@code proj} itself
 *     if there are none
 */
record SelfAttention(Linear qkv, int heads, PositionBias bias, Linear proj, Linear scaledProj) {
  /**
   * What the branch adds to {@code residual}.
   *
   * @param x {@code [N, T, width]}
   * @param name of the module, whose result has neither factors nor residual
   * @return of the same shape
   */
  Tensor forward(Ops ops, Tensor x, Tensor residual, String name) {
    Tensor h = qkv.apply(ops, x, Epilogue.NONE);
    Tensor mixed = ops.attention(h, heads, QkvLayout.QKV_FIRST, bias); // [N, T, heads·d]
    ops.probe(name, () -> proj.apply(ops, mixed, Epilogue.NONE));
    return scaledProj.apply(ops, mixed, Epilogue.residual(residual));
  }
}
