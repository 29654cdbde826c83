package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.PositionBias;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.model.BeitConfig.Relative;
import io.densepure.weights.WeightPath;
import io.densepure.weights.WeightStore;
import java.util.ArrayList;
import java.util.List;

/** BEiT (Bao et al. 2021) as timm 0.5.4 has it ({@code timm/models/beit.py, Beit}). */
public final class Beit implements ImageClassifier {
  /** ε of all norms. */
  private static final float EPS = 1e-6f;

  private final BeitConfig config;
  private final PatchEmbedding patches; // patch_embed.proj
  private final HostTensor clsToken; // cls_token, [1, 1, C]
  private final HostTensor positions; // pos_embed, [1, T, C], or null
  private final List<TransformerBlock> blocks = new ArrayList<>(); // blocks
  private final LayerNorm norm; // fc_norm with mean pooling, else norm
  private final Linear head; // head

  private Beit(WeightPath root, BeitConfig config) {
    this.config = config;
    int width = config.embedDim();
    PatchGrid grid = config.grid();
    patches = PatchEmbedding.load(root.at("patch_embed").at("proj"), grid, width);
    clsToken = root.tensor("cls_token", 1, 1, width);
    positions =
        config.absolutePositions() ? root.tensor("pos_embed", 1, grid.patches() + 1, width) : null;
    RelativePositions relative =
        config.relativePositions() == Relative.NONE
            ? null
            : new RelativePositions(grid.rows(), grid.columns());
    PositionBias shared =
        config.relativePositions() == Relative.SHARED
            ? relative.load(root.at("rel_pos_bias"), config.numHeads())
            : null;
    for (int i = 0; i < config.depth(); i++) {
      WeightPath at = root.at("blocks").at(i);
      PositionBias bias =
          config.relativePositions() == Relative.PER_BLOCK
              ? relative.load(at.at("attn"), config.numHeads())
              : shared;
      blocks.add(block(at, config, bias));
    }
    norm = LayerNorm.load(root.at(config.meanPooling() ? "fc_norm" : "norm"), width, EPS);
    head = Linear.load(root.at("head"), width, config.numClasses());
    root.requireAllUsed(key -> false);
  }

  /**
   * Finds every layer's weights and checks their shapes.
   *
   * @throws InputException naming the first key at which checkpoint and configuration differ,
   *     surplus keys included
   */
  public static Beit load(WeightStore store, BeitConfig config) {
    return new Beit(WeightPath.root(store), config);
  }

  /** The factors of the branches, gamma_1 and gamma_2, go into the branches' last layers. */
  private static TransformerBlock block(WeightPath at, BeitConfig config, PositionBias bias) {
    int width = config.embedDim();
    int inHeads = config.numHeads() * config.headDim();
    WeightPath attn = at.at("attn");
    Linear proj = Linear.load(attn.at("proj"), inHeads, width);
    Mlp mlp = Mlp.load(at.at("mlp"), width, config.mlpHidden());
    Linear scaledProj = proj;
    if (config.layerScale()) {
      scaledProj = proj.scaled(at.tensor("gamma_1", width));
      mlp = new Mlp(mlp.fc1(), mlp.fc2().scaled(at.tensor("gamma_2", width)));
    }
    return new TransformerBlock(
        at.path(),
        attn.path(),
        LayerNorm.load(at.at("norm1"), width, EPS),
        new SelfAttention(qkv(attn, config), config.numHeads(), bias, proj, scaledProj),
        LayerNorm.load(at.at("norm2"), width, EPS),
        mlp);
  }

  /** The bias of k is zero: it would not change a softmax over keys. */
  private static Linear qkv(WeightPath at, BeitConfig config) {
    int inHeads = config.numHeads() * config.headDim();
    HostTensor weight = at.at("qkv").tensor("weight", 3 * inHeads, config.embedDim());
    if (!config.qkvBias()) {
      return new Linear(weight, null);
    }
    float[] bias = new float[3 * inHeads];
    System.arraycopy(at.tensor("q_bias", inHeads).toFloats(), 0, bias, 0, inHeads);
    System.arraycopy(at.tensor("v_bias", inHeads).toFloats(), 0, bias, 2 * inHeads, inHeads);
    return new Linear(weight, HostTensor.of(at.path() + ".qkv.bias", Shape.of(3 * inHeads), bias));
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
    Tensor tokens = patches.forward(ops, ops.cast(x, dtype)); // [N, T - 1, C]
    ops.probe("patch_embed", () -> tokens);
    Tensor h = ops.prependToken(tokens, clsToken, positions); // [N, T, C]
    for (TransformerBlock block : blocks) {
      h = block.forward(ops, h);
    }
    Tensor pooled =
        config.meanPooling()
            ? ops.meanTokens(h, 1, h.shape().dim(1)) // [N, C]
            : ops.meanTokens(h, 0, 1);
    return head.apply(ops, norm.apply(ops, pooled), Epilogue.NONE.as(DType.F32));
  }
}
