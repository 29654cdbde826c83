package io.densepure.benchmarks;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.parity.RecipeWeights;
import io.densepure.weights.MapWeightStore;
import io.densepure.weights.WeightStore;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Weights made up as they are asked for: uniform, each a pure function of its key, of a size that
 * keeps activations near one through any depth. Both engines get the same ones.
 */
public final class RandomWeights {
  private final Map<String, HostTensor> tensors = new LinkedHashMap<>();

  /**
   * The tensor of that key, made at the first call.
   *
   * @param shape as PyTorch has it: {@code [out, in, kh, kw]}, {@code [out, in]}, {@code [out]}
   */
  public HostTensor tensor(String key, int... shape) {
    return tensors.computeIfAbsent(key, k -> make(k, Shape.of(shape)));
  }

  /** All tensors asked for so far. */
  public WeightStore store() {
    return new MapWeightStore("random weights", tensors, Map.of());
  }

  private static HostTensor make(String key, Shape shape) {
    float offset = 0;
    float scale = 0.1f;
    if (shape.rank() > 1) {
      scale = (float) Math.sqrt(3.0 * shape.dim(0) / shape.elements()); // variance 1 / fan-in
    } else if (key.endsWith("weight") || key.endsWith("running_var")) {
      offset = 1; // of a norm
      scale = 0.2f;
    }
    float[] values = RecipeWeights.uniform("benchmark:" + key, Math.toIntExact(shape.elements()));
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] * scale + offset;
    }
    return HostTensor.of(key, shape, values);
  }
}
