package io.densepure.convert;

import io.densepure.compute.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What network a set of keys and shapes belongs to, as far as they tell. To recognise another kind,
 * add a rule to {@link #RULES} and the method it names.
 *
 * @param name one word: {@code unet}, {@code wide_resnet}, {@code resnet}, {@code cifar_resnet},
 *     {@code vit_hf}, {@code vit_timm}, {@code beit}, {@code mlp_mixer}
 * @param details for people: "depth 28, widen factor 10, 10 classes"
 */
public record Architecture(String name, String details) {
  /** Each looks for its own kind; the first that finds it is right. */
  private static final List<Function<Keys, Architecture>> RULES =
      List.of(
          Architecture::unet,
          Architecture::wideResNet,
          Architecture::resNet,
          Architecture::cifarResNet,
          Architecture::beit,
          Architecture::huggingFaceVit,
          Architecture::timmVit,
          Architecture::mlpMixer);

  /** The architecture of a checkpoint with these tensors; empty if it is none that is known. */
  public static Optional<Architecture> of(Map<String, Shape> shapes) {
    Keys keys = new Keys(shapes);
    return RULES.stream().map(rule -> rule.apply(keys)).filter(Objects::nonNull).findFirst();
  }

  private static Architecture unet(Keys k) {
    if (!k.all("time_embed.0.weight", "input_blocks.0.0.weight", "out.2.weight")) {
      return null;
    }
    int channels = k.dim("time_embed.0.weight", 1);
    int in = k.dim("input_blocks.0.0.weight", 1);
    boolean learnSigma = k.dim("out.2.weight", 0) == 2 * in;
    return new Architecture(
        "unet",
        String.format(
            "%s, %d channels, %d input blocks, %s, %s",
            k.resblockUpdown() ? "guided-diffusion" : "improved- or guided-diffusion",
            channels,
            k.count("input_blocks\\.(\\d+)\\..*"),
            learnSigma ? "learned variance" : "fixed variance",
            k.any(".*\\.qkv\\.weight") ? "attention" : "no attention"));
  }

  private static Architecture wideResNet(Keys k) {
    if (!k.all("conv1.weight", "conv1.bias", "layer1.0.conv1.bias", "linear.weight")) {
      return null;
    }
    return new Architecture(
        "wide_resnet",
        String.format(
            "depth %d, widen factor %d, %d classes",
            6 * k.count("layer1\\.(\\d+)\\..*") + 4,
            k.dim("layer1.0.conv1.weight", 0) / 16,
            k.dim("linear.weight", 0)));
  }

  private static Architecture resNet(Keys k) {
    if (!k.all("conv1.weight", "bn1.running_mean", "layer4.0.conv1.weight", "fc.weight")) {
      return null;
    }
    boolean bottleneck = k.all("layer1.0.conv3.weight");
    int blocks = 0;
    for (int layer = 1; layer <= 4; layer++) {
      blocks += k.count("layer" + layer + "\\.(\\d+)\\..*");
    }
    int width = k.dim("layer1.0.conv1.weight", 0);
    return new Architecture(
        "resnet",
        String.format(
            "depth %d%s, %d classes",
            (bottleneck ? 3 : 2) * blocks + 2,
            width == 64 ? "" : ", width " + width,
            k.dim("fc.weight", 0)));
  }

  /** Three stages; Cohen et al.'s models for CIFAR-10. */
  private static Architecture cifarResNet(Keys k) {
    if (!k.all("conv1.weight", "layer3.0.conv2.weight", "fc.weight")) {
      return null;
    }
    int blocks = k.count("layer1\\.(\\d+)\\..*");
    int perBlock = k.all("layer1.0.conv3.weight") ? 9 : 6;
    return new Architecture(
        "cifar_resnet",
        String.format("depth %d, %d classes", perBlock * blocks + 2, k.dim("fc.weight", 0)));
  }

  private static Architecture beit(Keys k) {
    if (!k.all("patch_embed.proj.weight", "cls_token", "blocks.0.attn.qkv.weight")
        || !(k.all("blocks.0.attn.q_bias") || k.any(".*relative_position_bias_table"))) {
      return null;
    }
    return transformer("beit", k, "patch_embed.proj.weight", "blocks", "head.weight");
  }

  private static Architecture huggingFaceVit(Keys k) {
    String patches = "vit.embeddings.patch_embeddings.projection.weight";
    return k.all(patches, "vit.embeddings.cls_token")
        ? transformer("vit_hf", k, patches, "vit.encoder.layer", "classifier.weight")
        : null;
  }

  private static Architecture timmVit(Keys k) {
    return k.all("patch_embed.proj.weight", "pos_embed", "blocks.0.attn.qkv.weight")
        ? transformer("vit_timm", k, "patch_embed.proj.weight", "blocks", "head.weight")
        : null;
  }

  private static Architecture mlpMixer(Keys k) {
    return k.all("stem.proj.weight", "blocks.0.mlp_tokens.fc1.weight")
        ? transformer("mlp_mixer", k, "stem.proj.weight", "blocks", "head.weight")
        : null;
  }

  private static Architecture transformer(
      String name, Keys k, String patches, String blocks, String head) {
    return new Architecture(
        name,
        String.format(
            "width %d, depth %d, patch size %d%s",
            k.dim(patches, 0),
            k.count(Pattern.quote(blocks) + "\\.(\\d+)\\..*"),
            k.dim(patches, 2),
            k.all(head) ? String.format(", %d classes", k.dim(head, 0)) : ""));
  }

  /** The keys, without what a wrapper puts before all of them. */
  private static final class Keys {
    private static final Pattern WRAPPER = Pattern.compile("^(?:\\d+\\.)?(?:module\\.)?");
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    Keys(Map<String, Shape> original) {
      original.forEach((key, s) -> shapes.put(WRAPPER.matcher(key).replaceFirst(""), s));
    }

    boolean all(String... keys) {
      return shapes.keySet().containsAll(List.of(keys));
    }

    boolean any(String pattern) {
      Pattern p = Pattern.compile(pattern);
      return shapes.keySet().stream().anyMatch(key -> p.matcher(key).matches());
    }

    /** One more than the highest index that the pattern's group finds. */
    int count(String pattern) {
      Pattern p = Pattern.compile(pattern);
      List<Integer> found = new ArrayList<>(List.of(-1));
      for (String key : shapes.keySet()) {
        Matcher m = p.matcher(key);
        if (m.matches() && m.group(1).length() < 6) {
          found.add(Integer.parseInt(m.group(1)));
        }
      }
      return 1 + found.stream().max(Integer::compare).orElseThrow();
    }

    /** 0 if there is no such dimension. */
    int dim(String key, int axis) {
      Shape shape = shapes.get(key);
      return shape != null && axis < shape.rank() ? shape.dim(axis) : 0;
    }

    /** Whether residual blocks do the halving and doubling, as only guided-diffusion has it. */
    boolean resblockUpdown() {
      return any("output_blocks\\.\\d+\\.[12]\\.in_layers\\.0\\.weight");
    }
  }
}
