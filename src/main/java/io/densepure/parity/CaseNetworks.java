package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.InputException;
import io.densepure.model.ImageClassifier;
import io.densepure.model.ResNet;
import io.densepure.model.ResNetConfig;
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

  /** By a part of the class's name; the first that matches is right. */
  private static final Map<String, Loader> LOADERS = new LinkedHashMap<>();

  static {
    LOADERS.put("Wide_ResNet", CaseNetworks::wideResNet);
    LOADERS.put("ResNet(Bottleneck)", CaseNetworks::resNet);
    LOADERS.put("cifar_resnet", CaseNetworks::resNet);
    LOADERS.put("resnet50", CaseNetworks::resNet);
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
}
