package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.compute.Shape;
import io.densepure.convert.Architecture;
import io.densepure.weights.WeightStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Says what a checkpoint is when it is not what the configuration takes it for. */
public final class Recognition {
  private Recognition() {}

  /**
   * What {@code network} builds from {@code weights}.
   *
   * @param expected the names in {@link Architecture} that it can be built from
   * @throws InputException as {@code network} throws it, with what the checkpoint looks like if
   *     that is something else
   */
  static <T> T explain(WeightStore weights, Set<String> expected, Supplier<T> network) {
    try {
      return network.get();
    } catch (InputException e) {
      Optional<Architecture> found = Architecture.of(shapes(weights));
      if (found.isPresent() && expected.contains(found.get().name())) {
        throw e;
      }
      throw new InputException(
          "%s; the file looks like %s"
              .formatted(
                  e.getMessage(),
                  found
                      .map(a -> a.name() + ": " + a.details())
                      .orElse("no network that is known here")),
          e);
    }
  }

  /**
   * Whether a checkpoint looks like a diffusion model's rather than a classifier's.
   *
   * @param reference as in a configuration
   * @throws InputException if there is no such file, or it cannot be read
   */
  public static boolean isDiffusionModel(String reference) {
    WeightStore weights = ModelFiles.open(reference, null, "checkpoint");
    return Architecture.of(shapes(weights)).filter(a -> a.name().equals("unet")).isPresent();
  }

  private static Map<String, Shape> shapes(WeightStore weights) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    weights.keys().forEach(key -> shapes.put(key, weights.get(key).shape()));
    return shapes;
  }
}
