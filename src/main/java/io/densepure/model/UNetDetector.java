package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.Shape;
import io.densepure.weights.WeightStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads a {@link UNetConfig} off a checkpoint's keys and shapes. Everything can be seen there but
 * how attention splits its channels.
 */
public final class UNetDetector {
  private final WeightStore store;

  private UNetDetector(WeightStore store) {
    this.store = store;
  }

  /** Whether the checkpoint looks like a diffusion UNet at all. */
  public static boolean matches(WeightStore store) {
    return store.keys().contains("time_embed.0.weight")
        && store.keys().contains("input_blocks.0.0.weight")
        && store.keys().contains("out.2.weight");
  }

  /**
   * @param attention what the checkpoint does not show
   * @throws InputException if this is not a diffusion UNet
   */
  public static UNetConfig detect(WeightStore store, AttentionConfig attention) {
    try {
      return new UNetDetector(store).detect(attention);
    } catch (InputException e) {
      throw InputException.of("%s: not a diffusion UNet: %s", store.source(), e.getMessage());
    }
  }

  private UNetConfig detect(AttentionConfig attention) {
    int blocks = countBlocks("input_blocks");
    int perLevel = blocksPerLevel(blocks); // residual blocks and the halving
    if (perLevel < 2 || blocks % perLevel != 0) {
      throw InputException.of("%d input blocks do not divide into levels", blocks);
    }
    int modelChannels = extent("time_embed.0.weight", 1);
    Set<Integer> attentionRates = new TreeSet<>();
    List<Double> channelMult = new ArrayList<>();
    for (int level = 0; level < blocks / perLevel; level++) {
      String first = "input_blocks." + (1 + level * perLevel);
      channelMult.add(extent(first + ".0.in_layers.2.weight", 0) / (double) modelChannels);
      if (has(first + ".1.qkv.weight")) {
        attentionRates.add(1 << level);
      }
    }
    String halving = "input_blocks." + perLevel + ".0.";
    boolean resblockUpdown = blocks > perLevel && has(halving + "in_layers.2.weight");
    int embOut = extent("input_blocks.1.0.emb_layers.1.weight", 0);
    return new UNetConfig(
        extent("input_blocks.0.0.weight", 1),
        modelChannels,
        extent("out.2.weight", 0),
        perLevel - 1,
        attentionRates,
        channelMult,
        blocks == perLevel || resblockUpdown || has(halving + "op.weight"),
        has("label_emb.weight") ? extent("label_emb.weight", 0) : 0,
        attention,
        embOut == 2 * extent("input_blocks.1.0.in_layers.2.weight", 0),
        resblockUpdown);
  }

  /** Where the first level ends: at a Downsample, at a hole left by one without weights, or … */
  private int blocksPerLevel(int blocks) {
    for (int i = 1; i < blocks; i++) {
      if (!has("input_blocks." + i + ".0.in_layers.2.weight")) {
        return i;
      }
    }
    // … if residual blocks do the halving, where the mirrored output block doubles.
    for (int i = 0; i < blocks; i++) {
      if (has("output_blocks." + i + ".1.in_layers.2.weight")
          || has("output_blocks." + i + ".2.in_layers.2.weight")) {
        return i + 1;
      }
    }
    return blocks; // one level
  }

  /** One more than the highest index below {@code list}. */
  private int countBlocks(String list) {
    int count = 0;
    for (String key : store.keys()) {
      String[] parts = key.split("\\.", 3);
      if (parts.length == 3 && parts[0].equals(list) && parts[1].matches("\\d{1,5}")) {
        count = Math.max(count, Integer.parseInt(parts[1]) + 1);
      }
    }
    return count;
  }

  private boolean has(String key) {
    return store.keys().contains(key);
  }

  private int extent(String key, int axis) {
    if (!has(key)) {
      throw InputException.of("no tensor '%s'", key);
    }
    Shape shape = store.get(key).shape();
    if (shape.rank() <= axis) {
      throw InputException.of("'%s' has shape %s", key, shape);
    }
    return shape.dim(axis);
  }
}
