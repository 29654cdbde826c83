package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.Settings;
import io.densepure.model.Preprocessing;
import io.densepure.model.Preprocessing.Resampling;
import java.util.List;

/** What the original does to images before the classifier of a case. */
final class CasePreprocessing {
  private static final List<Double> HALF = List.of(0.5, 0.5, 0.5);
  private static final List<Double> CIFAR10_MEAN = List.of(0.4914, 0.4822, 0.4465);
  private static final List<Double> CIFAR10_STD = List.of(0.2471, 0.2435, 0.2616);

  /** Those of {@code datasets.py}, for the NormalizeLayer in front of Cohen's classifiers. */
  private static final List<Double> COHEN_CIFAR10_STD = List.of(0.2023, 0.1994, 0.2010);

  private static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);
  private static final List<Double> IMAGENET_STD = List.of(0.229, 0.224, 0.225);
  private static final int VIT_SIZE = 224;
  private static final int IMAGENET_SIZE = 224;
  private static final int BEIT_SIZE = 512;

  private CasePreprocessing() {}

  /** That of the program's arguments if the case has them, else that of the network's module. */
  static Preprocessing of(GoldenCase c, JsonNode network) {
    JsonNode args = c.config().path("args");
    String classifier = args.path("advanced_classifier").asText();
    if (args.path("domain").asText().equals("imagenet")) {
      int size = classifier.equals("beit") ? BEIT_SIZE : IMAGENET_SIZE;
      return new Preprocessing(Resampling.BICUBIC, size, HALF, HALF);
    }
    return classifier.equals("vit") ? vit() : normalization(c.settings(network));
  }

  /** {@code ViTFeatureExtractor} with the settings of the CIFAR-10 classifier. */
  static Preprocessing vit() {
    return new Preprocessing(Resampling.BYTES, VIT_SIZE, HALF, HALF);
  }

  private static Preprocessing normalization(Settings network) {
    boolean cohen = isCohens(network);
    boolean imagenet = network.text("dataset", "").equals("imagenet");
    List<Double> std = cohen ? COHEN_CIFAR10_STD : CIFAR10_STD;
    return new Preprocessing(
        Resampling.NONE,
        0,
        network.numbers("mean", imagenet ? IMAGENET_MEAN : CIFAR10_MEAN),
        network.numbers("std", imagenet ? IMAGENET_STD : std));
  }

  /** Whether the network comes with its NormalizeLayer, so that it takes pixels in [0, 1]. */
  static boolean isCohens(Settings network) {
    return network.has("arch") && network.has("dataset");
  }
}
