package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * What every block is told about time and class ({@code unet.py, time_embed} and {@code
 * label_emb}), always in float32.
 *
 * @param dim {@code model_channels}, the width of the sinusoidal embedding
 * @param linear1 {@code time_embed.0}, dim to 4·dim
 * @param linear2 {@code time_embed.2}, 4·dim to 4·dim
 * @param labelEmb {@code label_emb}, {@code [classes, 4·dim]}; null if not class-conditional
 */
record TimestepEmbedding(int dim, Linear linear1, Linear linear2, HostTensor labelEmb) {
  static TimestepEmbedding load(WeightPath root, UNetConfig config) {
    int dim = config.modelChannels();
    int wide = config.timeEmbedDim();
    return new TimestepEmbedding(
        dim,
        Linear.load(root.at("time_embed").at(0), dim, wide),
        Linear.load(root.at("time_embed").at(2), wide, wide),
        config.numClasses() == 0
            ? null
            : root.at("label_emb").tensor("weight", config.numClasses(), wide));
  }

  /**
   * SiLU of the embedding: the first thing each {@link ResBlock} does to it, done once for all of
   * them.
   *
   * @param timesteps {@code [N | 1]}
   * @param labels {@code [N]}, or null
   * @return {@code [N | 1, 4·dim]}
   */
  Tensor forward(Ops ops, Tensor timesteps, Tensor labels) {
    Tensor h = ops.timestepEmbedding(timesteps, dim); // [N | 1, dim]
    Tensor hidden = linear1.apply(ops, h, Epilogue.activation(Activation.SILU)); // [N | 1, 4·dim]
    ops.probe("time_embed", () -> linear2.apply(ops, hidden, Epilogue.NONE));
    if (labelEmb == null) {
      return linear2.apply(ops, hidden, Epilogue.activation(Activation.SILU));
    }
    Tensor time = linear2.apply(ops, hidden, Epilogue.NONE); // [N | 1, 4·dim]
    Tensor label = ops.embedding(labels, labelEmb); // [N, 4·dim]
    Shape pixels = Shape.of(label.shape().dim(0), 1, 1, label.shape().dim(1));
    Tensor emb = ops.addPerImage(ops.reshape(label, pixels), time);
    return ops.activate(ops.reshape(emb, label.shape()), Activation.SILU);
  }
}
