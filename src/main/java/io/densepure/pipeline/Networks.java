package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.config.ClassifierConfig;
import io.densepure.model.Beit;
import io.densepure.model.BeitConfig;
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
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The kinds of classifiers that a configuration file's {@code network} can name. */
final class Networks {
  /** Builds a network from a checkpoint and from what its keys and shapes do not tell. */
  @FunctionalInterface
  private interface Loader {
    /**
     * @throws InputException if the checkpoint is not of this kind
     */
    ImageClassifier load(WeightStore weights, ClassifierConfig config);
  }

  /**
   * A kind of classifier.
   *
   * @param architectures what its checkpoints are recognised as
   */
  record Kind(Loader loader, Set<String> architectures) {
    private static Kind of(Loader loader, String... architectures) {
      return new Kind(loader, Set.of(architectures));
    }

    /**
     * @throws InputException if the checkpoint is not of this kind; says what it looks like
     */
    ImageClassifier load(WeightStore weights, ClassifierConfig config) {
      return Recognition.explain(weights, architectures, () -> loader.load(weights, config));
    }
  }

  private static final SortedMap<String, Kind> KINDS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("beit", Kind.of(Networks::beit, "beit")),
              Map.entry("mixer", Kind.of(Networks::mixer, "mlp_mixer")),
              Map.entry("resnet", Kind.of(Networks::resNet, "resnet", "cifar_resnet")),
              Map.entry("vit", Kind.of(Networks::vit, "vit_hf")),
              Map.entry("wide-resnet", Kind.of(Networks::wideResNet, "wide_resnet"))));

  private Networks() {}

  /**
   * The kind of network that {@code config} names.
   *
   * @param source the configuration file, for the message
   * @throws InputException listing the kinds there are if it is none of them
   */
  static Kind of(ClassifierConfig config, String source) {
    Kind kind = KINDS.get(config.network());
    if (kind == null) {
      throw InputException.of(
          "%s: classifier '%s' has network '%s'; this version knows: %s",
          source, config.name(), config.network(), String.join(", ", KINDS.keySet()));
    }
    return kind;
  }

  private static ImageClassifier wideResNet(WeightStore weights, ClassifierConfig config) {
    return WideResNet.load(weights, WideResNetConfig.detect(weights));
  }

  private static ImageClassifier resNet(WeightStore weights, ClassifierConfig config) {
    return ResNet.load(weights, ResNetConfig.detect(weights));
  }

  private static ImageClassifier vit(WeightStore weights, ClassifierConfig config) {
    return Vit.load(weights, VitConfig.detect(weights, config.numHeads()));
  }

  private static ImageClassifier beit(WeightStore weights, ClassifierConfig config) {
    return Beit.load(weights, BeitConfig.detect(weights, config.numHeads()));
  }

  private static ImageClassifier mixer(WeightStore weights, ClassifierConfig config) {
    return Mixer.load(weights, MixerConfig.detect(weights));
  }
}
