package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.convert.CheckpointReader;
import io.densepure.weights.Safetensors;
import io.densepure.weights.WeightStore;
import java.nio.file.Path;
import java.util.Map;

/** The weights a case names, whichever way they are stored. */
final class CaseWeights {
  private CaseWeights() {}

  /** Of the case's own network: a checkpoint, or a recipe. Checks the recorded first values. */
  static WeightStore of(Trial trial) {
    GoldenCase c = trial.golden();
    WeightStore weights = of(c, c.has("checkpoint") ? "checkpoint" : "weights_recipe");
    for (Map.Entry<String, JsonNode> check : c.config().path("weight_check").properties()) {
      float[] values = weights.get(check.getKey()).toFloats();
      RecipeInput.checkFirst(check.getKey(), check.getValue(), values, trial.comparison());
    }
    return weights;
  }

  /**
   * The weights in one of the case's files.
   *
   * @throws io.densepure.InputException naming the file if it is missing or damaged
   */
  static WeightStore of(GoldenCase c, String role) {
    Path file = c.file(role);
    String name = file.getFileName().toString();
    if (name.endsWith(".recipe.json")) {
      return RecipeWeights.open(file);
    }
    return name.endsWith(".safetensors")
        ? Safetensors.open(file)
        : CheckpointReader.open(file).stateDict();
  }
}
