package io.densepure.model;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.parity.RecipeWeights;
import io.densepure.weights.MapWeightStore;
import io.densepure.weights.WeightStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checkpoints of the original's networks, by key and shape, and what they were made with. */
final class RecipeCases {
  private static final Path FOLDER = Path.of("src/test/reference");

  private RecipeCases() {}

  static WeightStore weights(String name) {
    return RecipeWeights.open(FOLDER.resolve(name + ".recipe.json"));
  }

  /** A copy of {@code store} with tensors put in, or taken out where the tensor is null. */
  static WeightStore changed(WeightStore store, Map<String, HostTensor> changes) {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    store.keys().forEach(k -> tensors.put(k, store.get(k)));
    changes.forEach(
        (k, t) -> {
          if (t == null) {
            tensors.remove(k);
          } else {
            tensors.put(k, t);
          }
        });
    return new MapWeightStore(store.source(), tensors, Map.of());
  }

  static HostTensor zeros(String name, int... shape) {
    Shape s = Shape.of(shape);
    return HostTensor.of(name, s, new float[(int) s.elements()]);
  }

  /** The smallest of them: 32 and 96 channels, attention at full resolution, improved-diffusion. */
  static final UNetConfig ONE_HEAD =
      improved(1, Set.of(1), List.of(1.0, 3.0), new AttentionConfig(1, -1, -1, false));

  static final Map<String, UNetConfig> UNETS = unets();

  private static Map<String, UNetConfig> unets() {
    Map<String, UNetConfig> cases = new LinkedHashMap<>();
    AttentionConfig heads8 = new AttentionConfig(4, 8, -1, false);
    cases.put("improved_unet/imp_one_head", ONE_HEAD);
    cases.put(
        "improved_unet/imp_heads_up",
        improved(2, Set.of(2), List.of(1.0, 2.0), new AttentionConfig(8, -1, 2, false)));
    cases.put(
        "improved_unet/imp_cifar10_width32",
        improved(3, Set.of(2, 4), List.of(1.0, 2.0, 2.0, 2.0), AttentionConfig.FOUR_HEADS));
    cases.put(
        "guided_unet/gui_num_heads",
        guided(
            1,
            Set.of(1),
            List.of(2.0, 1.0),
            true,
            new AttentionConfig(2, -1, -1, false),
            true,
            true));
    cases.put(
        "guided_unet/gui_pool_updown",
        guided(1, Set.of(2), List.of(1.0, 2.0), false, heads8, true, false));
    cases.put(
        "guided_unet/gui_ssn_off_updown",
        guided(
            1,
            Set.of(2),
            List.of(1.0, 2.0),
            true,
            new AttentionConfig(4, 16, -1, false),
            false,
            true));
    cases.put(
        "guided_unet/gui_imagenet_analog",
        guided(2, Set.of(8, 16), List.of(1.0, 1.0, 2.0, 2.0, 2.0), true, heads8, true, true));
    return cases;
  }

  private static UNetConfig improved(
      int blocks, Set<Integer> rates, List<Double> mult, AttentionConfig attention) {
    return guided(blocks, rates, mult, true, attention, true, false);
  }

  private static UNetConfig guided(
      int blocks,
      Set<Integer> rates,
      List<Double> mult,
      boolean convResample,
      AttentionConfig attention,
      boolean scaleShift,
      boolean updown) {
    return new UNetConfig(
        3, 32, 6, blocks, rates, mult, convResample, 0, attention, scaleShift, updown);
  }

  static List<String> names() {
    return new ArrayList<>(UNETS.keySet());
  }
}
