package io.densepure.parity;

import io.densepure.weights.SafetensorsWriter;
import java.nio.file.Path;

/**
 * Writes a recipe's random weights as a checkpoint, so that a network can be run at its published
 * size where its published weights are not at hand:
 *
 * <pre>
 * java -cp target/test-classes:… io.densepure.parity.RecipeCheckpoint RECIPE.json OUT.safetensors
 * </pre>
 */
final class RecipeCheckpoint {
  private RecipeCheckpoint() {}

  public static void main(String[] args) {
    RecipeWeights weights = RecipeWeights.open(Path.of(args[0]));
    SafetensorsWriter.write(Path.of(args[1]), weights);
  }
}
