package io.densepure.model;

import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * {@code mlp_mixer.py, MixerBlock}: one MLP mixes the tokens of each channel, another the channels
 * of each token.
 *
 * @param name of the module in PyTorch
 * @param norm1 {@code norm1}
 * @param tokens {@code mlp_tokens}
 * @param norm2 {@code norm2}
 * @param channels {@code mlp_channels}
 */
record MixerBlock(String name, LayerNorm norm1, Mlp tokens, LayerNorm norm2, Mlp channels) {
  static MixerBlock load(WeightPath at, MixerConfig config) {
    int width = config.embedDim();
    int patches = config.grid().patches();
    return new MixerBlock(
        at.path(),
        LayerNorm.load(at.at("norm1"), width, Mixer.EPS),
        Mlp.load(at.at("mlp_tokens"), patches, config.tokensHidden()),
        LayerNorm.load(at.at("norm2"), width, Mixer.EPS),
        Mlp.load(at.at("mlp_channels"), width, config.channelsHidden()));
  }

  /** {@code [N, T, C]} to the same shape. */
  Tensor forward(Ops ops, Tensor x) {
    Tensor h = ops.transpose(norm1.apply(ops, x)); // [N, C, T]
    h = ops.transpose(tokens.forward(ops, h, Epilogue.NONE)); // [N, T, C]
    Tensor mixed = ops.add(x, h);
    Tensor y = channels.forward(ops, norm2.apply(ops, mixed), Epilogue.residual(mixed));
    ops.probe(name, () -> y);
    return y;
  }
}
