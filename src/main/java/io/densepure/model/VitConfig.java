package io.densepure.model;

import io.densepure.InputException;
import io.densepure.weights.WeightStore;

/**
 * What shapes a {@link Vit}; the names are those of Hugging Face's {@code ViTConfig}.
 *
 * @param grid of patches
 * @param hiddenSize channels of a token
 * @param numHiddenLayers blocks
 * @param numAttentionHeads heads, which divide {@code hiddenSize}
 * @param intermediateSize width inside the MLPs
 * @param qkvBias whether the projections to q, k and v have biases
 * @param layerNormEps ε of all norms
 * @param numLabels classes
 */
public record VitConfig(
    PatchGrid grid,
    int hiddenSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int intermediateSize,
    boolean qkvBias,
    float layerNormEps,
    int numLabels) {
  /** Hugging Face's default. */
  public static final float USUAL_EPS = 1e-12f;

  private static final String EMBEDDINGS = "vit.embeddings.";
  private static final String LAYER = "vit.encoder.layer.";

  /**
   * @throws InputException if there is no such network
   */
  public VitConfig {
    if (numHiddenLayers < 1 || numAttentionHeads < 1 || hiddenSize % numAttentionHeads != 0) {
      throw InputException.of(
          "a ViT of %d layers with %d channels in %d heads cannot be built",
          numHiddenLayers, hiddenSize, numAttentionHeads);
    }
  }

  /** The same network with another ε, which no tensor tells. */
  public VitConfig withLayerNormEps(float eps) {
    return new VitConfig(
        grid,
        hiddenSize,
        numHiddenLayers,
        numAttentionHeads,
        intermediateSize,
        qkvBias,
        eps,
        numLabels);
  }

  /**
   * Reads the configuration off a checkpoint's keys and shapes.
   *
   * @param numHeads heads, which no shape tells; 0 for 64 channels each, as in all published ones
   * @throws InputException if this is not such a network
   */
  public static VitConfig detect(WeightStore store, int numHeads) {
    CheckpointShapes shapes = new CheckpointShapes(store, "a ViT");
    String projection = EMBEDDINGS + "patch_embeddings.projection.weight";
    int width = shapes.extent(projection, 4, 0);
    int side = shapes.side(shapes.extent(EMBEDDINGS + "position_embeddings", 3, 1) - 1);
    int patch = shapes.extent(projection, 4, 2);
    return new VitConfig(
        new PatchGrid(side, side, patch, shapes.extent(projection, 4, 1)),
        width,
        shapes.count(LAYER, ".attention.attention.query.weight"),
        shapes.heads(width, numHeads),
        shapes.extent(LAYER + "0.intermediate.dense.weight", 2, 0),
        shapes.has(LAYER + "0.attention.attention.query.bias"),
        USUAL_EPS,
        shapes.extent("classifier.weight", 2, 0));
  }
}
