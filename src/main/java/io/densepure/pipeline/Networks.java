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
import java.util.SortedMap;
import java.util.TreeMap;

/** The kinds of classifiers that a configuration file's {@code network} can name. */
final class Networks {
  /** Builds a network from a checkpoint and from what its keys and shapes do not tell. */
  @FunctionalInterface
  interface Loader {
    /**
     * @throws InputException if the checkpoint is not of this kind
     */
    ImageClassifier load(WeightStore weights, ClassifierConfig config);
  }

  private static final SortedMap<String, Loader> LOADERS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("beit", Networks::beit),
              Map.entry("mixer", Networks::mixer),
              Map.entry("resnet", Networks::resNet),
              Map.entry("vit", Networks::vit),
              Map.entry("wide-resnet", Networks::wideResNet)));

  private Networks() {}

  /**
   * The loader of {@code config}'s kind of network.
   *
   * @param source the configuration file, for the message
   * @throws InputException listing the kinds there are if it is none of them
   */
  static Loader of(ClassifierConfig config, String source) {
    Loader loader = LOADERS.get(config.network());
    if (loader == null) {
      throw InputException.of(
          "%s: classifier '%s' has network '%s'; this version knows: %s",
          source, config.name(), config.network(), String.join(", ", LOADERS.keySet()));
    }
    return loader;
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
