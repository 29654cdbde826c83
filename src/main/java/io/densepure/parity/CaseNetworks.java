package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.InputException;
import io.densepure.model.Beit;
import io.densepure.model.BeitConfig;
import io.densepure.model.BeitConfig.Relative;
import io.densepure.model.ImageClassifier;
import io.densepure.model.Mixer;
import io.densepure.model.MixerConfig;
import io.densepure.model.ResNet;
import io.densepure.model.ResNetConfig;
import io.densepure.model.Vit;
import io.densepure.model.VitConfig;
import io.densepure.model.WideResNet;
import io.densepure.model.WideResNetConfig;
import io.densepure.weights.WeightStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds the classifiers that golden cases name, and checks that their weights say the same. */
final class CaseNetworks {
  /** Builds one kind of network from weights and the arguments of its constructor. */
  @FunctionalInterface
  private interface Loader {
    ImageClassifier load(WeightStore weights, JsonNode config);
  }

  /** By a part of the class's or the architecture's name; the first that matches is right. */
  private static final Map<String, Loader> LOADERS = new LinkedHashMap<>();

  static {
    LOADERS.put("Wide_ResNet", CaseNetworks::wideResNet);
    LOADERS.put("ResNet(Bottleneck)", CaseNetworks::resNet);
    LOADERS.put("resnet", CaseNetworks::resNet);
    LOADERS.put("ViTForImageClassification", CaseNetworks::vit);
    LOADERS.put("Beit", CaseNetworks::beit);
    LOADERS.put("beit_", CaseNetworks::beit);
    LOADERS.put("MlpMixer", CaseNetworks::mixer);
    LOADERS.put("mixer_", CaseNetworks::mixer);
  }

  private CaseNetworks() {}

  /** What the case calls the network: its class, or an architecture by name. */
  static String kind(JsonNode config) {
    return config.path("cls").asText(config.path("arch").asText());
  }

  static boolean knows(JsonNode config) {
    return LOADERS.keySet().stream().anyMatch(kind(config)::contains);
  }

  /**
   * @param config {@code cls} and its constructor's arguments
   * @throws UnsupportedCase if there is no such network here
   */
  static ImageClassifier load(JsonNode config, WeightStore weights) {
    return LOADERS.entrySet().stream()
        .filter(e -> kind(config).contains(e.getKey()))
        .findFirst()
        .orElseThrow(() -> new UnsupportedCase("there is no classifier " + kind(config) + " here"))
        .getValue()
        .load(weights, config);
  }

  private static ImageClassifier wideResNet(WeightStore weights, JsonNode config) {
    WideResNetConfig detected = WideResNetConfig.detect(weights);
    return WideResNet.load(
        weights,
        new WideResNetConfig(
            config.path("depth").asInt(),
            config.path("widen_factor").asInt(),
            config.path("num_classes").asInt(detected.numClasses()),
            config.has("mean") ? config.path("mean").size() : detected.inChannels()));
  }

  private static ImageClassifier resNet(WeightStore weights, JsonNode config) {
    ResNetConfig detected = ResNetConfig.detect(weights);
    List<Integer> layers = new ArrayList<>();
    config.path("layers").forEach(n -> layers.add(n.asInt()));
    boolean fits =
        (layers.isEmpty() || layers.equals(detected.blocks()))
            && config.path("base_width").asInt(detected.width()) == detected.width()
            && config.path("num_classes").asInt(detected.numClasses()) == detected.numClasses();
    if (!fits) {
      throw InputException.of(
          "%s: detected %s, which is not the case's %s", weights.source(), detected, config);
    }
    return ResNet.load(weights, detected);
  }

  static ImageClassifier vit(WeightStore weights, JsonNode config) {
    VitConfig detected = VitConfig.detect(weights, config.path("num_attention_heads").asInt());
    requireStated(
        weights,
        config,
        Map.of(
            "hidden_size", detected.hiddenSize(),
            "num_hidden_layers", detected.numHiddenLayers(),
            "intermediate_size", detected.intermediateSize(),
            "patch_size", detected.grid().patch(),
            "qkv_bias", detected.qkvBias() ? 1 : 0,
            "num_labels", detected.numLabels()));
    double eps = config.path("layer_norm_eps").asDouble(VitConfig.USUAL_EPS);
    return Vit.load(weights, detected.withLayerNormEps((float) eps));
  }

  private static ImageClassifier beit(WeightStore weights, JsonNode config) {
    BeitConfig detected = BeitConfig.detect(weights, config.path("num_heads").asInt());
    Relative relative = detected.relativePositions();
    requireStated(
        weights,
        config,
        Map.of(
            "embed_dim",
            detected.embedDim(),
            "depth",
            detected.depth(),
            "patch_size",
            detected.grid().patch(),
            "qkv_bias",
            detected.qkvBias() ? 1 : 0,
            "use_abs_pos_emb",
            detected.absolutePositions() ? 1 : 0,
            "use_rel_pos_bias",
            relative == Relative.PER_BLOCK ? 1 : 0,
            "use_shared_rel_pos_bias",
            relative == Relative.SHARED ? 1 : 0,
            "num_classes",
            detected.numClasses()));
    return Beit.load(weights, detected);
  }

  private static ImageClassifier mixer(WeightStore weights, JsonNode config) {
    MixerConfig detected = MixerConfig.detect(weights);
    requireStated(
        weights,
        config,
        Map.of(
            "embed_dim", detected.embedDim(),
            "num_blocks", detected.numBlocks(),
            "patch_size", detected.grid().patch(),
            "num_classes", detected.numClasses()));
    return Mixer.load(weights, detected);
  }

  /** What the case states of these must be what the weights say; flags count as 1 and 0. */
  private static void requireStated(
      WeightStore weights, JsonNode config, Map<String, Integer> detected) {
    detected.forEach(
        (key, value) -> {
          if (config.path(key).asInt(value) != value) {
            throw InputException.of(
                "%s: %s is %s by its tensors, but %s in the case",
                weights.source(), key, value, config.path(key));
          }
        });
  }
}
