package io.densepure.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code doctor --model}: checkpoints that load and are wrong. */
class DoctorModelTest {
  private static final List<String> DENOISING = List.of("error_left", "noise_correlation");

  @TempDir private Path folder;

  /** The checks that fail. */
  private static List<String> warnings(Cli cli) throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonNode check : new ObjectMapper().readTree(cli.out()).get("model").get("checks")) {
      if (!check.get("ok").asBoolean()) {
        names.add(check.get("name").asText());
      }
    }
    return names;
  }

  private Path broken(String network, String how) {
    Path file = folder.resolve(how + ".safetensors");
    return switch (how) {
      case "zeros" -> ChangedWeights.copy(network, file, (key, v) -> Arrays.fill(v, 0));
      case "NaN" -> ChangedWeights.copy(network, file, (key, v) -> v[0] = Float.NaN);
      default -> ChangedWeights.shuffled(network, file);
    };
  }

  @Test
  void trainedNetworksDoWhatTheyAreFor() {
    Cli cli = Cli.run("doctor", "--model", "--backend", "cpu");
    assertEquals(0, cli.exit(), cli.out() + cli.err());
    assertEquals(4, cli.out().lines().filter(l -> l.matches("ok +(class|denois|what).*")).count());
    assertTrue(cli.out().contains("The networks do what they are for."), cli.out());
  }

  @ParameterizedTest
  @CsvSource({
    "fashion_ddpm, zeros, error_left noise_correlation",
    "fashion_ddpm, shuffled, error_left noise_correlation",
    "fashion_ddpm, NaN, error_left noise_correlation denoised_images_finite denoised_images",
    "fashion_wrn, zeros, clean_images denoised_images",
    "fashion_wrn, shuffled, clean_images denoised_images",
    "fashion_wrn, NaN, clean_images_finite clean_images denoised_images_finite denoised_images",
  })
  void aWrongCheckpointIsWarnedOf(String network, String how, String expected) throws IOException {
    Cli cli = Cli.run("doctor", "--backend", "cpu", "--json", "--model", broken(network, how));
    assertEquals(1, cli.exit(), cli.out() + cli.err());
    List<String> found = warnings(cli);
    assertTrue(found.containsAll(List.of(expected.split(" "))), found + " of " + expected);
    if (network.equals(ChangedWeights.CLASSIFIER)) {
      assertTrue(Collections.disjoint(found, DENOISING), found + "");
    }
  }

  @Test
  void whatIsNoModelIsBadInput() {
    Cli none = Cli.run("doctor", "--backend", "cpu", "--model", folder.resolve("none.pt"));
    assertEquals(2, none.exit(), none.err());
    assertTrue(none.complaint().contains("none.pt' not found"), none.err());
  }
}
