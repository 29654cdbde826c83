package io.densepure.model;

import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;

/** One child of a {@link TimestepEmbedSequential}. */
interface UNetLayer {
  /**
   * @param x {@code [N, H, W, C]}
   * @param emb SiLU of the timestep embedding, {@code [N | 1, 4·modelChannels]} {@code F32}; layers
   *     that do not depend on time ignore it
   */
  Tensor forward(Ops ops, Tensor x, Tensor emb);
}
