package io.densepure.model;

import io.densepure.InputException;
import io.densepure.weights.WeightStore;

/**
 * What shapes a {@link Mixer}.
 *
 * @param grid of patches
 * @param embedDim channels of a token
 * @param numBlocks blocks
 * @param tokensHidden width inside the MLPs over tokens
 * @param channelsHidden width inside the MLPs over channels
 * @param numClasses classes
 */
public record MixerConfig(
    PatchGrid grid,
    int embedDim,
    int numBlocks,
    int tokensHidden,
    int channelsHidden,
    int numClasses) {
  /**
   * @throws InputException if there is no such network
   */
  public MixerConfig {
    if (numBlocks < 1) {
      throw InputException.of("an MLP-Mixer of %d blocks cannot be built", numBlocks);
    }
  }

  /**
   * Reads the configuration off a checkpoint's keys and shapes.
   *
   * @throws InputException if this is not such a network
   */
  public static MixerConfig detect(WeightStore store) {
    CheckpointShapes shapes = new CheckpointShapes(store, "an MLP-Mixer");
    int side = shapes.side(shapes.extent("blocks.0.mlp_tokens.fc1.weight", 2, 1));
    int patch = shapes.extent("stem.proj.weight", 4, 2);
    return new MixerConfig(
        new PatchGrid(side, side, patch, shapes.extent("stem.proj.weight", 4, 1)),
        shapes.extent("stem.proj.weight", 4, 0),
        shapes.count("blocks.", ".mlp_tokens.fc1.weight"),
        shapes.extent("blocks.0.mlp_tokens.fc1.weight", 2, 0),
        shapes.extent("blocks.0.mlp_channels.fc1.weight", 2, 0),
        shapes.extent("head.weight", 2, 0));
  }
}
