package io.densepure.config;

import io.densepure.InputException;
import io.densepure.Settings;
import java.util.List;
import java.util.Set;

/**
 * One classifier of a configuration file.
 *
 * @param name what {@code --advanced_classifier} calls it
 * @param network the kind of network, by one of the names in {@code pipeline/Networks}
 * @param checkpoint a {@code .pt}, {@code .pth}, {@code .t7} or {@code .safetensors} file, or
 *     {@code bundled:NAME}
 * @param mean subtracted from pixels in [0, 1], one value per channel; empty for no normalisation
 * @param std divided by after that; as long as {@code mean}
 * @param numHeads heads of a transformer whose tensors do not tell them; 0 for the usual
 */
public record ClassifierConfig(
    String name,
    String network,
    String checkpoint,
    List<Double> mean,
    List<Double> std,
    int numHeads) {
  private static final Set<String> KEYS =
      Set.of("network", "checkpoint", "mean", "std", "num_heads");

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
    int numHeads = s.integer("num_heads", 0);
    if (numHeads < 0) {
      throw InputException.of("%s: classifier '%s': 'num_heads' is %d", s.source(), name, numHeads);
    }
    return new ClassifierConfig(name, network, s.text("checkpoint", null), mean, std, numHeads);
  }

  /** The same classifier with its weights elsewhere. */
  public ClassifierConfig withCheckpoint(String file) {
    return new ClassifierConfig(name, network, file, mean, std, numHeads);
  }
}
