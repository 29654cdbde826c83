package io.densepure.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeWeightsTest {
  @TempDir Path dir;

  /** The self-test of the program that made the golden cases. */
  @Test
  void streamsAreThoseOfTheGenerator() {
    assertEquals(0xaf63dc4c8601ec8cL, RecipeWeights.fnv1a("a"));
    assertArrayEquals(
        new float[] {-0.25653815269470215f, 0.9962445497512817f, 0.9842129945755005f},
        RecipeWeights.uniform("a", 3));
  }

  /** First, second and last value, and the sum of all bits, as the generator computes them. */
  @ParameterizedTest
  @CsvSource({
    "matrix, 0x1.74be86p-3, 0x1.12e086p-2, 0x1.9caba6p-3, 0xed78f1297",
    "bias, 0x1.4b463ap-5, 0x1.710934p-9, 0x1.e0fe4ep-6, 0xd24ae7102",
    "nweight, 0x1.01bc6cp+0, 0x1.2320f6p+0, 0x1.30ad22p+0, 0x770f9b94d",
    "rmean, 0x1.20654p-3, 0x1.472dp-8, 0x1.3ee174p-4, 0xe3ec8776f",
    "rvar, 0x1.0d8004p+0, 0x1.f810d6p-1, 0x1.1a1a02p-1, 0x76e7dfe03",
    "gamma, -0x1.78c02p-5, -0x1.64f5ap-2, 0x1.e83f6cp-2, 0xecbcafe10",
    "relpos, 0x1.b028b8p-1, -0x1.c6c1b4p-1, -0x1.164ba8p-1, 0x1255a279e6",
    "emb, -0x1.5282p-4, -0x1.106c08p-2, 0x1.f1357p-4, 0xec3e4d3b4",
  })
  void everyRuleIsExact(String rule, float first, float second, float last, String bits)
      throws IOException {
    RecipeWeights store = RecipeWeights.open(recipe(parameter("k." + rule, "[2, 3, 5]", rule)));
    HostTensor tensor = store.get("k." + rule);
    float[] values = tensor.toFloats();

    assertEquals(Shape.of(2, 3, 5), tensor.shape());
    assertArrayEquals(
        new float[] {first, second, last}, new float[] {values[0], values[1], values[29]});
    long sum = 0;
    for (float v : values) {
      sum += Float.floatToRawIntBits(v) & 0xffffffffL;
    }
    assertEquals(Long.decode(bits), sum);
  }

  @Test
  void keptEntriesAreNoWeights() throws IOException {
    RecipeWeights store =
        RecipeWeights.open(
            recipe(
                parameter("b", "[]", "bias"),
                parameter("num_batches_tracked", "[]", "keep"),
                parameter("a", "[4]", "bias")));
    assertEquals(List.of("b", "a"), List.copyOf(store.keys()));
    assertSame(store.get("a"), store.get("a"));
    assertThrows(InputException.class, () -> store.get("num_batches_tracked"));
  }

  @Test
  void whatIsNoRecipeIsNamed() throws IOException {
    assertRefused(recipe(parameter("a", "[4]", "zeros")), "unknown rule 'zeros'");
    assertRefused(recipe(parameter("a", "[\"x\"]", "bias")), "no valid shape");
    assertRefused(Files.writeString(dir.resolve("x.json"), "{}"), "not a recipe");
    assertRefused(Files.writeString(dir.resolve("y.json"), "{"), "not JSON");
    assertRefused(dir.resolve("none.json"), "cannot be read");
  }

  private void assertRefused(Path file, String reason) {
    InputException e = assertThrows(InputException.class, () -> RecipeWeights.open(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private Path recipe(String... parameters) throws IOException {
    return Files.writeString(
        dir.resolve("case.recipe.json"),
        "{\"recipe\": \"splitmix\", \"seed\": \"7\", \"matrix_gain\": 2.0, \"params\": ["
            + String.join(", ", parameters)
            + "]}");
  }

  private static String parameter(String key, String shape, String rule) {
    return String.format("{\"key\": \"%s\", \"shape\": %s, \"rule\": \"%s\"}", key, shape, rule);
  }
}
