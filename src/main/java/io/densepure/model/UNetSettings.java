package io.densepure.model;

import io.densepure.InputException;
import io.densepure.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Turns what users write about a UNet into a {@link UNetConfig}: the flags of the originals' {@code
 * script_util.py}, as in {@code configs/imagenet.yml}, or the constructor's arguments. Beyond the
 * originals, {@code in_channels} and {@code num_classes} may be given.
 */
public final class UNetSettings {
  /** The two code bases; they differ in defaults and in what they can express. */
  public enum Family {
    /** improved-diffusion: DensePure's CIFAR-10 model. */
    IMPROVED,
    /** guided-diffusion: DensePure's ImageNet model. */
    GUIDED
  }

  private static final int IMAGENET_CLASSES = 1000;

  /** Larger ones would need more memory than machines have. */
  private static final int MAX_IMAGE_SIZE = 4096;

  private static final int MAX_IN_CHANNELS = 1024;

  private UNetSettings() {}

  /**
   * Side of the square images that the network is made for.
   *
   * @throws InputException naming the file if there are no such images
   */
  public static int imageSize(Settings s, Family family) {
    int size = s.integer("image_size", family == Family.IMPROVED ? 32 : 64);
    if (size < 1 || size > MAX_IMAGE_SIZE) {
      throw InputException.of(
          "%s: 'image_size' is %d, not 1 to %d", s.source(), size, MAX_IMAGE_SIZE);
    }
    return size;
  }

  /**
   * Channels of the images.
   *
   * @throws InputException naming the file if there are no such images
   */
  public static int inChannels(Settings s) {
    int channels = s.integer("in_channels", 3);
    if (channels < 1 || channels > MAX_IN_CHANNELS) {
      throw InputException.of(
          "%s: 'in_channels' is %d, not 1 to %d", s.source(), channels, MAX_IN_CHANNELS);
    }
    return channels;
  }

  /**
   * From the flags of {@code script_util.py, create_model}, with its defaults: {@code image_size},
   * {@code num_channels}, {@code num_res_blocks}, {@code channel_mult} ("1,2,2"; by image size if
   * empty), {@code attention_resolutions} (image sizes, "16,8"), {@code learn_sigma}, {@code
   * class_cond}, {@code num_heads}, {@code num_head_channels}, {@code num_heads_upsample}, {@code
   * use_scale_shift_norm}, {@code resblock_updown}, {@code use_new_attention_order}. Other keys are
   * not looked at: they concern the diffusion or training.
   *
   * @throws InputException naming the file and the setting that is wrong
   */
  public static UNetConfig fromFlags(Settings s, Family family) {
    boolean improved = family == Family.IMPROVED;
    int imageSize = imageSize(s, family);
    int inChannels = inChannels(s);
    int outChannels = s.flag("learn_sigma", improved) ? 2 * inChannels : inChannels;
    int classes = s.flag("class_cond", false) ? s.integer("num_classes", IMAGENET_CLASSES) : 0;
    return checked(
        s,
        family,
        () ->
            new UNetConfig(
                inChannels,
                s.integer("num_channels", 128),
                outChannels,
                s.integer("num_res_blocks", improved ? 3 : 2),
                attentionRates(s, imageSize),
                channelMult(s, imageSize, family),
                true,
                classes,
                attention(s, 4),
                s.flag("use_scale_shift_norm", true),
                s.flag("resblock_updown", false)));
  }

  /**
   * From the arguments of {@code UNetModel}'s constructor, with its defaults; {@code
   * attention_resolutions} are downsampling rates here.
   *
   * @throws InputException naming the file and the argument that is wrong
   */
  public static UNetConfig fromConstructor(Settings s, Family family) {
    return checked(
        s,
        family,
        () ->
            new UNetConfig(
                s.integer("in_channels"),
                s.integer("model_channels"),
                s.integer("out_channels"),
                s.integer("num_res_blocks"),
                new TreeSet<>(s.integers("attention_resolutions", List.of())),
                s.numbers("channel_mult", List.of(1.0, 2.0, 4.0, 8.0)),
                s.flag("conv_resample", true),
                s.integer("num_classes", 0),
                attention(s, 1),
                s.flag("use_scale_shift_norm", false),
                s.flag("resblock_updown", false)));
  }

  /**
   * What {@link #fromConstructor} makes {@code config} of again, for {@link Family#GUIDED}: for
   * writing a configuration beside the weights.
   */
  public static Map<String, Object> toConstructor(UNetConfig config) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("in_channels", config.inChannels());
    arguments.put("model_channels", config.modelChannels());
    arguments.put("out_channels", config.outChannels());
    arguments.put("num_res_blocks", config.numResBlocks());
    arguments.put("attention_resolutions", List.copyOf(config.attentionResolutions()));
    arguments.put("channel_mult", config.channelMult());
    arguments.put("conv_resample", config.convResample());
    arguments.put("num_classes", config.numClasses());
    arguments.put("num_heads", config.attention().numHeads());
    arguments.put("num_head_channels", config.attention().numHeadChannels());
    arguments.put("num_heads_upsample", config.attention().numHeadsUpsample());
    arguments.put("use_new_attention_order", config.attention().useNewAttentionOrder());
    arguments.put("use_scale_shift_norm", config.useScaleShiftNorm());
    arguments.put("resblock_updown", config.resblockUpdown());
    return arguments;
  }

  private static AttentionConfig attention(Settings s, int defaultHeads) {
    return new AttentionConfig(
        s.integer("num_heads", defaultHeads),
        s.integer("num_head_channels", -1),
        s.integer("num_heads_upsample", -1),
        s.flag("use_new_attention_order", false));
  }

  /** The configuration, if the family can run it; complaints name the file. */
  private static UNetConfig checked(Settings s, Family family, Supplier<UNetConfig> made) {
    try {
      UNetConfig config = made.get();
      if (family == Family.IMPROVED) {
        checkImproved(config);
      }
      return config;
    } catch (InputException e) {
      throw s.located(e);
    }
  }

  /** What improved-diffusion's UNetModel does not have, or accepts but cannot run. */
  private static void checkImproved(UNetConfig c) {
    if (c.channelMult().get(0) != 1.0) {
      throw InputException.of(
          "channel_mult starts with %s; improved-diffusion's output layer needs 1 there"
              + " (guided-diffusion's does not)",
          c.channelMult().get(0));
    }
    if (!c.convResample()) {
      throw InputException.of(
          "conv_resample false does not run in improved-diffusion (it does in guided-diffusion)");
    }
    if (c.resblockUpdown()
        || c.attention().numHeadChannels() != -1
        || c.attention().useNewAttentionOrder()) {
      throw InputException.of(
          "resblock_updown, num_head_channels and use_new_attention_order are settings of"
              + " guided-diffusion, not of improved-diffusion");
    }
  }

  /** {@code "16,8"} at image size 32 becomes the rates {2, 4}. */
  private static Set<Integer> attentionRates(Settings s, int imageSize) {
    Set<Integer> rates = new TreeSet<>();
    for (int resolution : s.integers("attention_resolutions", List.of(16, 8))) {
      if (resolution < 1) {
        throw InputException.of(
            "%s: attention_resolutions has %d, not a positive image size", s.source(), resolution);
      }
      rates.add(imageSize / resolution);
    }
    return rates;
  }

  private static List<Double> channelMult(Settings s, int imageSize, Family family) {
    List<Double> given = s.numbers("channel_mult", List.of());
    if (!given.isEmpty()) {
      return given;
    }
    boolean guided = family == Family.GUIDED;
    if (guided && imageSize == 512) {
      return List.of(0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0);
    } else if (imageSize == 256) {
      return List.of(1.0, 1.0, 2.0, 2.0, 4.0, 4.0);
    } else if (guided && imageSize == 128) {
      return List.of(1.0, 1.0, 2.0, 3.0, 4.0);
    } else if (imageSize == 64) {
      return List.of(1.0, 2.0, 3.0, 4.0);
    } else if (!guided && imageSize == 32) {
      return List.of(1.0, 2.0, 2.0, 2.0);
    }
    throw InputException.of(
        "%s: no usual channel_mult for image_size %d; give channel_mult, as \"1,2,2\"",
        s.source(), imageSize);
  }
}
