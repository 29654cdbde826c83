package io.densepure.model;

import io.densepure.InputException;
import io.densepure.weights.WeightStore;
import java.util.Arrays;

/**
 * What shapes a {@link Beit}.
 *
 * @param grid of patches
 * @param embedDim channels of a token
 * @param depth blocks
 * @param numHeads heads
 * @param headDim channels of each; embedDim/numHeads unless the network says otherwise
 * @param mlpHidden width inside the MLPs
 * @param qkvBias whether q and v have biases; k never has
 * @param absolutePositions whether positions are added to the tokens
 * @param relativePositions where there are biases for relative positions
 * @param layerScale whether branches are multiplied by a factor per channel
 * @param meanPooling whether the head sees the mean of the patches instead of the class token
 * @param numClasses classes
 */
public record BeitConfig(
    PatchGrid grid,
    int embedDim,
    int depth,
    int numHeads,
    int headDim,
    int mlpHidden,
    boolean qkvBias,
    boolean absolutePositions,
    Relative relativePositions,
    boolean layerScale,
    boolean meanPooling,
    int numClasses) {
  /** Where the tables of relative positions are. */
  public enum Relative {
    NONE,
    /** Each block has one of its own. */
    PER_BLOCK,
    /** One for all blocks. */
    SHARED
  }

  private static final String PER_BLOCK = "blocks.0.attn.relative_position_";
  private static final String SHARED = "rel_pos_bias.relative_position_";

  /**
   * @throws InputException if there is no such network
   */
  public BeitConfig {
    if (depth < 1 || numHeads < 1 || headDim < 1) {
      throw InputException.of(
          "a BEiT of %d blocks with %d heads of %d channels cannot be built",
          depth, numHeads, headDim);
    }
  }

  /**
   * Reads the configuration off a checkpoint's keys and shapes.
   *
   * @param numHeads heads, or 0 for what the table of relative positions tells, or else for 64
   *     channels each
   * @throws InputException if this is not such a network, or has other heads
   */
  public static BeitConfig detect(WeightStore store, int numHeads) {
    CheckpointShapes shapes = new CheckpointShapes(store, "a BEiT");
    Relative relative =
        shapes.has(PER_BLOCK + "bias_table")
            ? Relative.PER_BLOCK
            : shapes.has(SHARED + "bias_table") ? Relative.SHARED : Relative.NONE;
    String prefix = relative == Relative.SHARED ? SHARED : PER_BLOCK;
    int width = shapes.extent("patch_embed.proj.weight", 4, 0);
    int heads =
        relative == Relative.NONE
            ? shapes.heads(width, numHeads)
            : shapes.extent(prefix + "bias_table", 2, 1);
    if (numHeads > 0 && numHeads != heads) {
      throw InputException.of("%s: has %d heads, not %d", store.source(), heads, numHeads);
    }
    return new BeitConfig(
        relative == Relative.NONE ? squareGrid(shapes) : grid(shapes, prefix),
        width,
        shapes.count("blocks.", ".attn.qkv.weight"),
        heads,
        shapes.extent("blocks.0.attn.qkv.weight", 2, 0) / 3 / Math.max(1, heads),
        shapes.extent("blocks.0.mlp.fc1.weight", 2, 0),
        shapes.has("blocks.0.attn.q_bias"),
        shapes.has("pos_embed"),
        relative,
        shapes.has("blocks.0.gamma_1"),
        shapes.has("fc_norm.weight"),
        shapes.extent("head.weight", 2, 0));
  }

  private static PatchGrid squareGrid(CheckpointShapes shapes) {
    int side = shapes.side(shapes.extent("pos_embed", 3, 1) - 1);
    return grid(shapes, side, side);
  }

  private static PatchGrid grid(CheckpointShapes shapes, int rows, int columns) {
    String projection = "patch_embed.proj.weight";
    int patch = shapes.extent(projection, 4, 2);
    return new PatchGrid(rows, columns, patch, shapes.extent(projection, 4, 1));
  }

  /** That whose table and index of relative positions the checkpoint holds. */
  private static PatchGrid grid(CheckpointShapes shapes, String prefix) {
    int entries = shapes.extent(prefix + "bias_table", 2, 0);
    if (!shapes.has(prefix + "index")) {
      int side = (int) Math.round((Math.sqrt(entries - 3) + 1) / 2);
      if (RelativePositions.entries(side, side) == entries) {
        return grid(shapes, side, side);
      }
    } else {
      int patches = shapes.extent(prefix + "index", 2, 0) - 1;
      for (int rows = 1; rows <= patches; rows++) {
        int columns = patches / rows;
        if (rows * columns == patches
            && RelativePositions.entries(rows, columns) == entries
            && matches(shapes, prefix + "index", rows, columns)) {
          return grid(shapes, rows, columns);
        }
      }
    }
    throw InputException.of(
        "%s: not a BEiT: '%sbias_table' has %d entries, which fits no grid of patches",
        shapes.store().source(), prefix, entries);
  }

  private static boolean matches(CheckpointShapes shapes, String key, int rows, int columns) {
    var index = shapes.store().get(key);
    long[] expected =
        Arrays.stream(RelativePositions.index(rows, columns)).asLongStream().toArray();
    return !index.dtype().isFloat() && Arrays.equals(index.toLongs(), expected);
  }
}
