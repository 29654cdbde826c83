package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;
import io.densepure.weights.WeightStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The diffusion UNet of Nichol and Dhariwal 2021 (improved-diffusion, {@code unet.py}) and of
 * Dhariwal and Nichol 2021 (guided-diffusion, {@code unet.py}): residual blocks with attention at
 * the lower resolutions, down {@link UNetConfig#levels} levels and up again, each output block fed
 * the activation of the input block that mirrors it. Which of the two it is, the configuration
 * says; weights go by the originals' keys.
 */
public final class UNet implements DiffusionModel {
  private final UNetConfig config;
  private final TimestepEmbedding timeEmbed; // time_embed, label_emb
  private final List<TimestepEmbedSequential> inputBlocks = new ArrayList<>(); // input_blocks
  private final TimestepEmbedSequential middleBlock; // middle_block
  private final List<TimestepEmbedSequential> outputBlocks = new ArrayList<>(); // output_blocks
  private final GroupNorm32 outNorm; // out.0
  private final Conv2d outConv; // out.2

  private UNet(WeightPath root, UNetConfig config) {
    this.config = config;
    timeEmbed = TimestepEmbedding.load(root, config);
    Deque<Integer> skipChannels = loadInputBlocks(root.at("input_blocks"));
    middleBlock = loadMiddleBlock(root.at("middle_block"));
    loadOutputBlocks(root.at("output_blocks"), skipChannels);
    outNorm = GroupNorm32.load(root.at("out").at(0), config.channels(0));
    outConv = Conv2d.load(root.at("out").at(2), config.channels(0), config.outChannels(), 3);
    root.requireAllUsed(key -> false);
  }

  /**
   * Finds every layer's weights and checks their shapes.
   *
   * @throws io.densepure.InputException naming the first key at which checkpoint and configuration
   *     differ, surplus keys included
   */
  public static UNet load(WeightStore store, UNetConfig config) {
    return new UNet(WeightPath.root(store), config);
  }

  public UNetConfig config() {
    return config;
  }

  @Override
  public int inChannels() {
    return config.inChannels();
  }

  @Override
  public int outChannels() {
    return config.outChannels();
  }

  @Override
  public int classes() {
    return config.numClasses();
  }

  @Override
  public Tensor forward(Ops ops, Tensor x, Tensor timesteps, Tensor labels, DType dtype) {
    config.checkImageSize(x.shape().dim(1), x.shape().dim(2));
    checkLabels(labels);
    Tensor emb = timeEmbed.forward(ops, timesteps, labels); // [N | 1, 4·modelChannels]
    Deque<Tensor> skips = new ArrayDeque<>();
    Tensor h = ops.cast(x, dtype); // [N, H, W, inChannels]
    for (TimestepEmbedSequential block : inputBlocks) {
      h = block.forward(ops, h, emb); // [N, H/2^level, W/2^level, channels(level)]
      skips.push(h);
    }
    h = middleBlock.forward(ops, h, emb);
    for (TimestepEmbedSequential block : outputBlocks) {
      h = block.forward(ops, ops.concatChannels(h, skips.pop()), emb);
    }
    h = outNorm.apply(ops, h, Activation.SILU); // [N, H, W, channels(0)]
    return outConv.apply(ops, h, Epilogue.NONE.as(DType.F32)); // [N, H, W, outChannels]
  }

  private void checkLabels(Tensor labels) {
    if ((labels == null) != (config.numClasses() == 0)) {
      throw new IllegalArgumentException(
          labels == null ? "the network needs labels" : "the network takes no labels");
    }
  }

  /** Down: per level its residual blocks, then, but for the last, a halving of the resolution. */
  private Deque<Integer> loadInputBlocks(WeightPath at) {
    Deque<Integer> skipChannels = new ArrayDeque<>();
    int channels = config.channels(0);
    Conv2d first = Conv2d.load(at.at(0).at(0), config.inChannels(), channels, 3);
    addInputBlock(at, List.of((ops, x, emb) -> first.apply(ops, x, Epilogue.NONE)));
    skipChannels.push(channels);
    for (int level = 0; level < config.levels(); level++) {
      for (int i = 0; i < config.numResBlocks(); i++) {
        addInputBlock(at, blockLayers(at.at(inputBlocks.size()), channels, level, false));
        channels = config.channels(level);
        skipChannels.push(channels);
      }
      if (level < config.levels() - 1) {
        WeightPath block = at.at(inputBlocks.size()).at(0);
        addInputBlock(
            at,
            List.of(
                config.resblockUpdown()
                    ? ResBlock.load(block, config, channels, channels, Resample.DOWN)
                    : Downsample.load(block, channels, config.convResample())));
        skipChannels.push(channels);
      }
    }
    return skipChannels;
  }

  private void addInputBlock(WeightPath at, List<UNetLayer> layers) {
    inputBlocks.add(new TimestepEmbedSequential(at.at(inputBlocks.size()).path(), layers));
  }

  private TimestepEmbedSequential loadMiddleBlock(WeightPath at) {
    int channels = config.channels(config.levels() - 1);
    return new TimestepEmbedSequential(
        at.path(),
        List.of(
            ResBlock.load(at.at(0), config, channels, channels, Resample.NONE),
            attention(at.at(1), channels, false),
            ResBlock.load(at.at(2), config, channels, channels, Resample.NONE)));
  }

  /** Up: per level one residual block more than down, each also fed one skip connection. */
  private void loadOutputBlocks(WeightPath at, Deque<Integer> skipChannels) {
    int channels = config.channels(config.levels() - 1);
    for (int level = config.levels() - 1; level >= 0; level--) {
      for (int i = 0; i <= config.numResBlocks(); i++) {
        WeightPath block = at.at(outputBlocks.size());
        List<UNetLayer> layers = blockLayers(block, channels + skipChannels.pop(), level, true);
        channels = config.channels(level);
        if (level > 0 && i == config.numResBlocks()) {
          WeightPath last = block.at(layers.size());
          layers.add(
              config.resblockUpdown()
                  ? ResBlock.load(last, config, channels, channels, Resample.UP)
                  : Upsample.load(last, channels, config.convResample()));
        }
        outputBlocks.add(new TimestepEmbedSequential(block.path(), layers));
      }
    }
  }

  /** A residual block to the level's width, and its attention if the level has it. */
  private List<UNetLayer> blockLayers(WeightPath at, int in, int level, boolean output) {
    int out = config.channels(level);
    List<UNetLayer> layers = new ArrayList<>();
    layers.add(ResBlock.load(at.at(0), config, in, out, Resample.NONE));
    if (config.hasAttention(level)) {
      layers.add(attention(at.at(1), out, output));
    }
    return layers;
  }

  private AttentionBlock attention(WeightPath at, int channels, boolean output) {
    AttentionConfig attention = config.attention();
    return AttentionBlock.load(at, channels, attention.heads(channels, output), attention.layout());
  }
}
