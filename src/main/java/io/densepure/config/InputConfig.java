package io.densepure.config;

import io.densepure.InputException;
import io.densepure.Settings;
import java.io.Serializable;
import java.util.List;
import java.util.Set;

/**
 * What is done to images before a classifier sees them.
 *
 * @param resize {@code none}; {@code bicubic}, as PyTorch interpolates; or {@code vit}, as Hugging
 *     Face's feature extractor resizes bytes
 * @param size height and width after that; 0 for none
 * @param mean subtracted from pixels in [0, 1], one value per channel; empty for no normalisation.
 *     One half, with a {@code std} of one half, makes them [-1, 1]
 * @param std divided by after that; as long as {@code mean}
 */
public record InputConfig(String resize, int size, List<Double> mean, List<Double> std)
    implements Serializable {
  private static final String NONE = "none";
  private static final Set<String> WAYS = Set.of(NONE, "bicubic", "vit");
  private static final int MAX_SIZE = 4096;

  static InputConfig from(String classifier, Settings s) {
    String resize = s.text("resize", NONE);
    int size = s.integer("size", 0);
    if (!WAYS.contains(resize)) {
      throw InputException.of(
          "%s: classifier '%s': 'resize' is %s, not none, bicubic or vit",
          s.source(), classifier, InputException.quote(resize));
    }
    boolean sized = size >= 1 && size <= MAX_SIZE;
    if (resize.equals(NONE) ? size != 0 : !sized) {
      throw InputException.of(
          "%s: classifier '%s': 'size' must be 1 to %d where 'resize' is bicubic or vit, and absent"
              + " elsewhere",
          s.source(), classifier, MAX_SIZE);
    }
    List<Double> mean = s.numbers("mean", List.of());
    List<Double> std = s.numbers("std", List.of());
    if (mean.size() != std.size() || std.stream().anyMatch(v -> !(v > 0))) {
      throw InputException.of(
          "%s: classifier '%s': 'mean' and 'std' must have one number per channel, 'std' positive",
          s.source(), classifier);
    }
    return new InputConfig(resize, size, mean, std);
  }
}
