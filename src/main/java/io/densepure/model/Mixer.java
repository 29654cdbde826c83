package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;
import io.densepure.weights.WeightStore;
import java.util.List;
import java.util.stream.IntStream;

/**
 * MLP-Mixer (Tolstikhin et al. 2021) as timm 0.5.4 has it ({@code timm/models/mlp_mixer.py,
 * MlpMixer}).
 */
public final class Mixer implements ImageClassifier {
  /** ε of all norms. */
  static final float EPS = 1e-6f;

  private final MixerConfig config;
  private final PatchEmbedding stem; // stem.proj
  private final List<MixerBlock> blocks; // blocks
  private final LayerNorm norm; // norm
  private final Linear head; // head

  private Mixer(WeightPath root, MixerConfig config) {
    this.config = config;
    stem = PatchEmbedding.load(root.at("stem").at("proj"), config.grid(), config.embedDim());
    blocks =
        IntStream.range(0, config.numBlocks())
            .mapToObj(i -> MixerBlock.load(root.at("blocks").at(i), config))
            .toList();
    norm = LayerNorm.load(root.at("norm"), config.embedDim(), EPS);
    head = Linear.load(root.at("head"), config.embedDim(), config.numClasses());
    root.requireAllUsed(key -> false);
  }

  /**
   * Finds every layer's weights and checks their shapes.
   *
   * @throws InputException naming the first key at which checkpoint and configuration differ,
   *     surplus keys included
   */
  public static Mixer load(WeightStore store, MixerConfig config) {
    return new Mixer(WeightPath.root(store), config);
  }

  @Override
  public int classes() {
    return config.numClasses();
  }

  @Override
  public int channels() {
    return config.grid().channels();
  }

  @Override
  public Tensor logits(Ops ops, Tensor x, DType dtype) {
    Tensor tokens = stem.forward(ops, ops.cast(x, dtype)); // [N, T, C]
    ops.probe("stem", () -> tokens);
    Tensor h = tokens;
    for (MixerBlock block : blocks) {
      h = block.forward(ops, h);
    }
    Tensor normed = norm.apply(ops, h);
    ops.probe("norm", () -> normed);
    Tensor mean = ops.meanTokens(normed, 0, config.grid().patches()); // [N, C]
    return head.apply(ops, mean, Epilogue.NONE.as(DType.F32));
  }
}
