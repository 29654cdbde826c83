package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.QkvLayout;

/**
 * How a UNet's attention layers split their channels. None of it can be seen in a checkpoint: the
 * weights have the same shapes whatever the heads are.
 *
 * @param numHeads heads of every attention layer, unless one of the next two says otherwise
 * @param numHeadChannels channels of one head, so that wider layers have more heads; −1: by {@code
 *     numHeads}
 * @param numHeadsUpsample heads in the output blocks; −1: as {@code numHeads}. Ignored if {@code
 *     numHeadChannels} is given
 * @param useNewAttentionOrder whether q, k and v are split before the heads
 */
public record AttentionConfig(
    int numHeads, int numHeadChannels, int numHeadsUpsample, boolean useNewAttentionOrder) {

  /** What the published CIFAR-10 model uses: 4 heads. */
  public static final AttentionConfig FOUR_HEADS = new AttentionConfig(4, -1, -1, false);

  /** What the published ImageNet models use: 64 channels a head. */
  public static final AttentionConfig HEADS_OF_64 = new AttentionConfig(4, 64, -1, false);

  /**
   * @throws InputException if a count is neither positive nor −1 where that is allowed
   */
  public AttentionConfig {
    requirePositive("num_heads", numHeads, false);
    requirePositive("num_head_channels", numHeadChannels, true);
    requirePositive("num_heads_upsample", numHeadsUpsample, true);
  }

  /** The order of the qkv weight's 3·C outputs. */
  public QkvLayout layout() {
    return useNewAttentionOrder ? QkvLayout.QKV_FIRST : QkvLayout.HEADS_FIRST;
  }

  /**
   * Heads of an attention layer.
   *
   * @param output whether the layer is in the output blocks
   * @throws InputException if the channels cannot be divided so
   */
  int heads(int channels, boolean output) {
    if (numHeadChannels != -1) {
      if (channels % numHeadChannels != 0) {
        throw InputException.of(
            "num_head_channels %d does not divide the %d channels of an attention layer",
            numHeadChannels, channels);
      }
      return channels / numHeadChannels;
    }
    int heads = output && numHeadsUpsample != -1 ? numHeadsUpsample : numHeads;
    if (channels % heads != 0) {
      throw InputException.of(
          "%d heads do not divide the %d channels of an attention layer; change %s",
          heads, channels, heads == numHeads ? "num_heads" : "num_heads_upsample");
    }
    return heads;
  }

  private static void requirePositive(String name, int value, boolean minusOneAllowed) {
    if (value < 1 && !(minusOneAllowed && value == -1)) {
      throw InputException.of(
          "%s is %d, not positive%s", name, value, minusOneAllowed ? " or -1" : "");
    }
  }
}
