package io.densepure.config;

import io.densepure.InputException;
import io.densepure.Settings;
import java.util.List;
import java.util.Set;

/**
 * One classifier of a configuration file.
 *
 * @param name what {@code --advanced_classifier} calls it
 * @param network the kind of network: {@code wide-resnet}
 * @param checkpoint a {@code .pt}, {@code .pth}, {@code .t7} or {@code .safetensors} file, or
 *     {@code bundled:NAME}
 * @param mean subtracted from pixels in [0, 1], one value per channel; empty for no normalisation
 * @param std divided by after that; as long as {@code mean}
 */
public record ClassifierConfig(
    String name, String network, String checkpoint, List<Double> mean, List<Double> std) {
  private static final Set<String> KEYS = Set.of("network", "checkpoint", "mean", "std");

  static ClassifierConfig from(String name, Settings s) {
    s.requireKnown("classifiers." + name, KEYS);
    String network = s.text("network", null);
    if (network == null) {
      throw InputException.of("%s: classifier '%s' has no 'network'", s.source(), name);
    }
    List<Double> mean = s.numbers("mean", List.of());
    List<Double> std = s.numbers("std", List.of());
    if (mean.size() != std.size() || std.stream().anyMatch(v -> !(v > 0))) {
      throw InputException.of(
          "%s: classifier '%s': 'mean' and 'std' must have one number per channel, 'std' positive",
          s.source(), name);
    }
    return new ClassifierConfig(name, network, s.text("checkpoint", null), mean, std);
  }

  /** The same classifier with its weights elsewhere. */
  public ClassifierConfig withCheckpoint(String file) {
    return new ClassifierConfig(name, network, file, mean, std);
  }
}
