package io.densepure.config;

import io.densepure.InputException;
import io.densepure.Settings;
import java.io.Serializable;
import java.util.Set;

/**
 * One classifier of a configuration file.
 *
 * @param name what {@code --advanced_classifier} calls it
 * @param network the kind of network, by one of the names in {@code pipeline/Networks}
 * @param checkpoint a {@code .pt}, {@code .pth}, {@code .t7} or {@code .safetensors} file, or
 *     {@code bundled:NAME}; {@code {classifier_sigma}} in it stands for that flag's value
 * @param input what is done to images before
 * @param numHeads heads of a transformer whose tensors do not tell them; 0 for the usual
 */
public record ClassifierConfig(
    String name, String network, String checkpoint, InputConfig input, int numHeads)
    implements Serializable {
  private static final Set<String> KEYS =
      Set.of("network", "checkpoint", "num_heads", "resize", "size", "mean", "std");

  /** What stands for {@code --classifier_sigma} in the path of a checkpoint. */
  public static final String SIGMA = "{classifier_sigma}";

  static ClassifierConfig from(String name, Settings s) {
    s.requireKnown("classifiers." + name, KEYS);
    String network = s.text("network", null);
    if (network == null) {
      throw InputException.of("%s: classifier '%s' has no 'network'", s.source(), name);
    }
    int numHeads = s.integer("num_heads", 0);
    if (numHeads < 0) {
      throw InputException.of("%s: classifier '%s': 'num_heads' is %d", s.source(), name, numHeads);
    }
    return new ClassifierConfig(
        name, network, s.path("checkpoint", null), InputConfig.from(name, s), numHeads);
  }

  /** The same classifier with its weights elsewhere. */
  public ClassifierConfig withCheckpoint(String file) {
    return new ClassifierConfig(name, network, file, input, numHeads);
  }

  /**
   * The same classifier, with its weights for images with this noise.
   *
   * @param sigma as it is written in the path, or null if it was not said
   * @throws InputException if it must be said
   */
  public ClassifierConfig withSigma(String sigma) {
    if (checkpoint == null || !checkpoint.contains(SIGMA)) {
      return this;
    }
    if (sigma == null) {
      throw InputException.of(
          "classifier '%s' has weights for several noise levels: give --classifier_sigma, or"
              + " --classifier-checkpoint",
          name);
    }
    return withCheckpoint(checkpoint.replace(SIGMA, sigma));
  }
}
