package io.densepure.model;

import io.densepure.InputException;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything that shapes a {@link UNet}: the union of the constructor arguments of
 * improved-diffusion's and guided-diffusion's {@code UNetModel}. See {@link UNetSettings} for the
 * users' settings these come from and {@link UNetDetector} for reading them off a checkpoint.
 *
 * @param inChannels channels of the images
 * @param modelChannels the base width; a level's width is this times its multiplier
 * @param outChannels {@code inChannels}, or twice that if the network predicts the variance as well
 *     ({@code learn_sigma})
 * @param numResBlocks residual blocks per level
 * @param attentionResolutions downsampling rates (1, 2, 4 …, not image sizes) at which there is
 *     attention; rates that do not occur are dropped, as the original ignores them
 * @param channelMult one multiplier per level; each level halves the resolution
 * @param convResample whether {@link Upsample} and {@link Downsample} have a convolution
 * @param numClasses number of class labels, or 0 if not class-conditional
 * @param attention how attention layers split their channels
 * @param useScaleShiftNorm whether the embedding scales and shifts the second norm of a residual
 *     block, rather than being added before it
 * @param resblockUpdown whether residual blocks change the resolution instead of {@link Upsample}
 *     and {@link Downsample}
 */
public record UNetConfig(
    int inChannels,
    int modelChannels,
    int outChannels,
    int numResBlocks,
    Set<Integer> attentionResolutions,
    List<Double> channelMult,
    boolean convResample,
    int numClasses,
    AttentionConfig attention,
    boolean useScaleShiftNorm,
    boolean resblockUpdown) {

  private static final int MAX_CHANNELS = 1 << 16;
  private static final int MAX_LEVELS = 16;
  private static final int MAX_BLOCKS = 1000;

  /**
   * @throws InputException if no such network can be built
   */
  public UNetConfig {
    channelMult = List.copyOf(channelMult);
    requireRange("in_channels", inChannels, 1, MAX_CHANNELS);
    requireRange("model_channels", modelChannels, 2, MAX_CHANNELS);
    requireRange("num_res_blocks", numResBlocks, 1, MAX_BLOCKS);
    requireRange("num_classes", numClasses, 0, Integer.MAX_VALUE);
    requireRange("the number of channel_mult entries", channelMult.size(), 1, MAX_LEVELS);
    if (outChannels != inChannels && outChannels != 2 * inChannels) {
      throw InputException.of(
          "out_channels is %d; a diffusion model on %d channels has %d, or %d if it predicts the variance",
          outChannels, inChannels, inChannels, 2 * inChannels);
    }
    attentionResolutions = occurring(attentionResolutions, channelMult.size());
    for (int level = 0; level < channelMult.size(); level++) {
      checkLevel(level, modelChannels, channelMult, attentionResolutions, attention);
    }
  }

  private static Set<Integer> occurring(Set<Integer> rates, int levels) {
    Set<Integer> kept = new TreeSet<>();
    for (int level = 0; level < levels; level++) {
      if (rates.contains(1 << level)) {
        kept.add(1 << level);
      }
    }
    return Collections.unmodifiableSet(kept);
  }

  private static void checkLevel(
      int level,
      int modelChannels,
      List<Double> mult,
      Set<Integer> rates,
      AttentionConfig attention) {
    int channels = (int) (mult.get(level) * modelChannels);
    if (channels < 1 || channels > MAX_CHANNELS || channels % GroupNorm32.GROUPS != 0) {
      throw InputException.of(
          "level %d has %s x %d = %d channels; group norm needs a multiple of %d, at most %d",
          level, mult.get(level), modelChannels, channels, GroupNorm32.GROUPS, MAX_CHANNELS);
    }
    boolean last = level == mult.size() - 1; // the middle block always has attention
    if (last || rates.contains(1 << level)) {
      attention.heads(channels, false);
    }
    if (rates.contains(1 << level)) {
      attention.heads(channels, true);
    }
  }

  /** Levels of resolution. */
  public int levels() {
    return channelMult.size();
  }

  /** Width of level {@code level}, from 0 at full resolution. */
  public int channels(int level) {
    return (int) (channelMult.get(level) * modelChannels);
  }

  /** Whether residual blocks at level {@code level} are followed by attention. */
  public boolean hasAttention(int level) {
    return attentionResolutions.contains(1 << level);
  }

  /** Width of the timestep embedding that every block gets. */
  public int timeEmbedDim() {
    return 4 * modelChannels;
  }

  /** Whether the network predicts the variance as well ({@code learn_sigma}). */
  public boolean learnSigma() {
    return outChannels == 2 * inChannels;
  }

  /**
   * @throws InputException if images of this size cannot be halved once per level
   */
  public void checkImageSize(int height, int width) {
    int rate = 1 << (levels() - 1);
    if (height < 1 || width < 1 || height % rate != 0 || width % rate != 0) {
      throw InputException.of(
          "images of %d x %d do not fit a UNet of %d levels: height and width must be multiples of %d",
          height, width, levels(), rate);
    }
  }

  private static void requireRange(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw InputException.of("%s is %d, not in [%d, %d]", name, value, min, max);
    }
  }
}
