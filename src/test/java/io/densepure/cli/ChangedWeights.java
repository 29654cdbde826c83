package io.densepure.cli;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.weights.Safetensors;
import io.densepure.weights.SafetensorsWriter;
import io.densepure.weights.WeightStore;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Copies of the bundled checkpoints with other numbers in them: they load, and are wrong. */
final class ChangedWeights {
  static final String CLASSIFIER = "fashion_wrn";
  static final String DIFFUSION = "fashion_ddpm";

  private ChangedWeights() {}

  static WeightStore bundled(String name) {
    return Safetensors.open(Path.of("target/classes/models", name + ".safetensors"));
  }

  /**
   * Writes a copy.
   *
   * @param change told the key and the values of each float tensor, which it may change
   */
  static Path copy(String name, Path target, BiConsumer<String, float[]> change) {
    WeightStore store = bundled(name);
    SafetensorsWriter.write(
        target,
        Map.of(),
        store.keys().stream()
            .map(store::get)
            .map(tensor -> tensor.dtype().isFloat() ? changed(tensor, change) : tensor)
            .map(t -> new SafetensorsWriter.Entry(t.name(), t.dtype(), t.shape(), t::data))
            .toList());
    return target;
  }

  /** Writes a copy in which tensors of one shape have each other's places. */
  static Path shuffled(String name, Path target) {
    WeightStore store = bundled(name);
    Map<Shape, Deque<HostTensor>> byShape = new HashMap<>();
    for (String key : store.keys()) {
      byShape.computeIfAbsent(store.get(key).shape(), s -> new ArrayDeque<>()).add(store.get(key));
    }
    byShape.values().forEach(tensors -> tensors.addFirst(tensors.removeLast()));
    SafetensorsWriter.write(
        target,
        Map.of(),
        store.keys().stream()
            .map(
                key -> {
                  HostTensor t = byShape.get(store.get(key).shape()).removeFirst();
                  return new SafetensorsWriter.Entry(key, t.dtype(), t.shape(), t::data);
                })
            .toList());
    return target;
  }

  private static HostTensor changed(HostTensor tensor, BiConsumer<String, float[]> change) {
    float[] values = tensor.toFloats();
    Shape shape = tensor.shape();
    change.accept(tensor.name(), values);
    return HostTensor.of(tensor.name(), shape, values);
  }
}
