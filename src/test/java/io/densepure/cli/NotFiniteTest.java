package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.data.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks that give NaN or infinity: no such lane votes for a class, and it is said. */
class NotFiniteTest {
  private static final int N0 = 4;
  private static final int N = 60;
  private static final long NOT_FINITE = -32768;

  /** Of the logits, which are a few units: times this, some lanes exceed the largest float. */
  private static final float SCALE = 5e37f;

  @TempDir private Path folder;

  private Cli certify(String name, Object... more) {
    return certify(N, name, more);
  }

  private Cli certify(int n, String name, Object... more) {
    List<Object> args = new ArrayList<>(List.of("certify", "--ids", "0,1,2", "--sigma", 0.25));
    args.addAll(List.of("--n0", N0, "--n", n, "--batch", 8, "--out", folder.resolve(name)));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private Path overflowing() {
    return ChangedWeights.copy(
        ChangedWeights.CLASSIFIER,
        folder.resolve("overflowing.safetensors"),
        (key, values) -> {
          if (key.startsWith("linear.")) {
            for (int i = 0; i < values.length; i++) {
              values[i] *= SCALE;
            }
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "fashion_wrn, conv1.weight, NaN",
    "fashion_wrn, linear.bias, Infinity",
    "fashion_ddpm, input_blocks.0.0.weight, NaN",
    // Of the output, which is cut off at -1 and 1 in the next step.
    "fashion_ddpm, out.2.bias, Infinity",
    "fashion_ddpm, out.2.bias, -Infinity",
  })
  void aRunWithoutAnyNumberEndsEarly(String model, String key, float value) throws IOException {
    Path file =
        ChangedWeights.copy(
            model,
            folder.resolve("broken.safetensors"),
            (name, values) -> values[0] = name.equals(key) ? value : values[0]);
    boolean classifier = model.equals(ChangedWeights.CLASSIFIER);
    String flag = classifier ? "--classifier-checkpoint" : "--diffusion-checkpoint";
    Cli cli = certify(5000, "broken", "--one-shot", flag, file);
    assertEquals(2, cli.exit(), cli.err());
    String line = cli.complaint().replaceFirst("none of [\\d,]+ lanes", "none of N lanes");
    assertEquals(
        "densepure: none of N lanes gave a finite result, but NaN or infinity: a checkpoint is"
            + " damaged; densepure doctor --model looks at the networks",
        line);
  }

  @Test
  void aShortRunWithoutAnyNumberEndsInAnErrorToo() throws IOException {
    Path file =
        ChangedWeights.copy(
            ChangedWeights.CLASSIFIER,
            folder.resolve("broken.safetensors"),
            (name, values) -> values[0] = Float.NaN);
    Cli cli = certify(2, "short", "--mode", "base", "--classifier-checkpoint", file);
    assertEquals(2, cli.exit(), cli.err());
    Cli predict =
        Cli.run("predict", "--base", "--ids", 0, "--n", 3, "--classifier-checkpoint", file);
    assertEquals(2, predict.exit(), predict.err());
    assertTrue(predict.complaint().contains("none of 3 lanes"), predict.err());
  }

  @Test
  void lanesThatOverflowVoteForNoClassAndAreCounted() throws IOException {
    Object[] base = {"--mode", "base", "--save-votes", "--votes-prefix"};
    Object[] whole = concat(base, folder + "/whole-");
    assertEquals(0, certify("whole", whole).exit());
    Object[] some =
        concat(base, folder + "/some-", "--classifier-checkpoint", overflowing(), "--json");
    Cli cli = certify("some", some);
    assertEquals(0, cli.exit(), cli.err());

    JsonNode run = new ObjectMapper().readTree(cli.out()).get("runs").get(0);
    int all = 0;
    for (JsonNode image : run.get("images")) {
      int index = image.get("idx").asInt();
      int bad = requireVotes(index, image);
      all += bad;
      String line =
          "image %d: %d of 64 lanes gave no finite result (NaN or infinity): counted against the"
              + " prediction";
      assertEquals(bad > 0, cli.err().contains(line.formatted(index, bad)), cli.err());
    }
    assertTrue(all > 10 && all < 3 * 64 - 10, "of 192 lanes " + all);
    assertEquals(all, run.get("not_finite").asInt());
    assertTrue(cli.err().contains("densepure doctor --model"), cli.err());

    // A finished run says it again, and its journal gives the same certificates.
    Cli again = certify("some", Arrays.copyOf(some, some.length - 1));
    assertTrue(
        again.out().contains("Without a finite result (NaN or infinity): " + all), again.out());
    assertTrue(again.err().contains("gave no finite result"), again.err());
    requireSame(run, Cli.run("recertify", folder.resolve("some"), "--json"));
    Cli report = Cli.run("report", folder.resolve("some"), "--out", folder.resolve("page.html"));
    assertEquals(0, report.exit(), report.err());
    assertTrue(Files.readString(folder.resolve("page.html")).contains("\"notFinite\":"));
  }

  /** Each lane is finite and what it was, or not finite; all N copies count. */
  private int requireVotes(int image, JsonNode result) {
    int bad = 0;
    long[] estimation = {};
    for (String phase : List.of("n0", "n")) {
      String file = image + "-0-" + phase + "_predictions.npy";
      long[] whole = Npy.readLongs(folder.resolve("whole-" + file));
      estimation = Npy.readLongs(folder.resolve("some-" + file));
      for (int i = 0; i < whole.length; i++) {
        if (estimation[i] == NOT_FINITE) {
          bad++;
        } else {
          assertEquals(whole[i], estimation[i], file + " " + i);
        }
      }
    }
    assertEquals(bad, result.get("not_finite").asInt());
    assertEquals(N, result.get("n").asInt());
    assertTrue(result.get("nA").asLong() <= Arrays.stream(estimation).filter(l -> l >= 0).count());
    return bad;
  }

  private static void requireSame(JsonNode run, Cli other) throws IOException {
    assertEquals(0, other.exit(), other.err());
    JsonNode images = new ObjectMapper().readTree(other.out()).get("images");
    for (int i = 0; i < run.get("images").size(); i++) {
      for (String field : List.of("idx", "predict", "radius", "nA", "not_finite")) {
        assertEquals(run.get("images").get(i).get(field), images.get(i).get(field), field);
      }
    }
  }

  private static Object[] concat(Object[] first, Object... then) {
    List<Object> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(then));
    return all.toArray();
  }
}
