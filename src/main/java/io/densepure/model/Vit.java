package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;
import io.densepure.weights.WeightStore;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Vision transformer (Dosovitskiy et al. 2021) as Hugging Face has it ({@code
 * transformers/models/vit/modeling_vit.py, ViTForImageClassification}, version 4.24).
 */
public final class Vit implements ImageClassifier {
  private final VitConfig config;
  private final PatchEmbedding patches; // vit.embeddings.patch_embeddings.projection
  private final HostTensor clsToken; // vit.embeddings.cls_token, [1, 1, C]
  private final HostTensor positions; // vit.embeddings.position_embeddings, [1, T, C]
  private final List<TransformerBlock> layers; // vit.encoder.layer
  private final LayerNorm layernorm; // vit.layernorm
  private final Linear classifier; // classifier

  private Vit(WeightPath root, VitConfig config) {
    this.config = config;
    int width = config.hiddenSize();
    WeightPath vit = root.at("vit");
    WeightPath embeddings = vit.at("embeddings");
    patches =
        PatchEmbedding.load(
            embeddings.at("patch_embeddings").at("projection"), config.grid(), width);
    clsToken = embeddings.tensor("cls_token", 1, 1, width);
    positions = embeddings.tensor("position_embeddings", 1, config.grid().patches() + 1, width);
    WeightPath layer = vit.at("encoder").at("layer");
    layers =
        IntStream.range(0, config.numHiddenLayers())
            .mapToObj(i -> layer(layer.at(i), config))
            .toList();
    layernorm = LayerNorm.load(vit.at("layernorm"), width, config.layerNormEps());
    classifier = Linear.load(root.at("classifier"), width, config.numLabels());
    root.requireAllUsed(key -> false);
  }

  /**
   * Finds every layer's weights and checks their shapes.
   *
   * @throws InputException naming the first key at which checkpoint and configuration differ,
   *     surplus keys included
   */
  public static Vit load(WeightStore store, VitConfig config) {
    return new Vit(WeightPath.root(store), config);
  }

  private static TransformerBlock layer(WeightPath at, VitConfig config) {
    int width = config.hiddenSize();
    int hidden = config.intermediateSize();
    return new TransformerBlock(
        at.path(),
        at.at("attention").path(),
        LayerNorm.load(at.at("layernorm_before"), width, config.layerNormEps()),
        attention(at.at("attention"), config),
        LayerNorm.load(at.at("layernorm_after"), width, config.layerNormEps()),
        new Mlp(
            Linear.load(at.at("intermediate").at("dense"), width, hidden),
            Linear.load(at.at("output").at("dense"), hidden, width)));
  }

  private static SelfAttention attention(WeightPath at, VitConfig config) {
    int width = config.hiddenSize();
    WeightPath parts = at.at("attention");
    List<Linear> qkv =
        Stream.of("query", "key", "value")
            .map(parts::at)
            .map(part -> projection(part, width, config.qkvBias()))
            .toList();
    Linear dense = Linear.load(at.at("output").at("dense"), width, width);
    return new SelfAttention(
        Linear.stack(parts.path() + ".qkv", qkv), config.numAttentionHeads(), null, dense, dense);
  }

  private static Linear projection(WeightPath at, int width, boolean bias) {
    return new Linear(at.tensor("weight", width, width), bias ? at.tensor("bias", width) : null);
  }

  @Override
  public int classes() {
    return config.numLabels();
  }

  @Override
  public int channels() {
    return config.grid().channels();
  }

  @Override
  public Tensor logits(Ops ops, Tensor x, DType dtype) {
    Tensor tokens = patches.forward(ops, ops.cast(x, dtype)); // [N, T - 1, C]
    Tensor embedded = ops.prependToken(tokens, clsToken, positions); // [N, T, C]
    ops.probe("vit.embeddings", () -> embedded);
    Tensor h = embedded;
    for (TransformerBlock layer : layers) {
      h = layer.forward(ops, h);
    }
    Tensor last = h;
    ops.probe("vit.layernorm", () -> layernorm.apply(ops, last));
    Tensor cls = ops.meanTokens(last, 0, 1); // [N, C]
    return classifier.apply(ops, layernorm.apply(ops, cls), Epilogue.NONE.as(DType.F32));
  }
}
