package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;

/**
 * Inputs and weights that a full-size case computes instead of storing, and the first values it
 * records of them so that a mistake in the recipe shows as such.
 */
final class RecipeInput {
  private RecipeInput() {}

  /** The array {@code name} if it is recorded, else the one that {@code input_recipe} describes. */
  static HostTensor orRecorded(Trial trial, String name) {
    JsonNode recipe = trial.golden().config().path("input_recipe");
    if (trial.arrays().has(name) || recipe.isMissingNode()) {
      return trial.arrays().get(name);
    }
    HostTensor drawn = of(name, recipe.path("name").asText(), recipe.path("shape"));
    float[] values = drawn.toFloats();
    if (recipe.path("range").asText().startsWith("[0,1)")) {
      for (int i = 0; i < values.length; i++) {
        values[i] = values[i] * 0.5f + 0.5f;
      }
    }
    checkFirst("input", trial.golden().config().path("input_check"), values, trial.comparison());
    return HostTensor.of(name, drawn.shape(), values);
  }

  /** The array drawn from the stream {@code seed}, values in [-1, 1). */
  static HostTensor of(String name, String seed, JsonNode shape) {
    int[] dims = new int[shape.size()];
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = shape.get(axis).asInt();
    }
    Shape extents = Shape.of(dims);
    float[] values = RecipeWeights.uniform(seed, Math.toIntExact(extents.elements()));
    return HostTensor.of(name, extents, values);
  }

  /** Compares the first values with those recorded as text, to the last bit. */
  static void checkFirst(String row, JsonNode recorded, float[] values, Comparison comparison) {
    for (int i = 0; i < recorded.size(); i++) {
      float expected = (float) recorded.get(i).asDouble();
      comparison.close(row + "[" + i + "]", expected, values[i], Tolerance.EXACT);
    }
  }
}
