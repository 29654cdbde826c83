package io.densepure.model;

import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import java.util.List;

/**
 * Layers in sequence, each given the timestep embedding ({@code unet.py, TimestepEmbedSequential}):
 * one entry of {@code input_blocks} or {@code output_blocks}, or the {@code middle_block}.
 *
 * @param path the checkpoint key of this block
 */
record TimestepEmbedSequential(String path, List<UNetLayer> layers) {
  Tensor forward(Ops ops, Tensor x, Tensor emb) {
    Tensor h = x;
    for (int i = 0; i < layers.size(); i++) {
      Tensor y = layers.get(i).forward(ops, h, emb);
      ops.probe(path + "." + i, () -> y);
      h = y;
    }
    Tensor out = h;
    ops.probe(path, () -> out);
    return out;
  }
}
