package io.densepure.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.compute.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every network of the golden cases is recognised, with the dimensions it was made with. */
class ArchitectureTest {
  private static final Path REFERENCE = Path.of("src/test/reference");

  record Network(String id, Path weights, JsonNode config) {
    @Override
    public String toString() {
      return id;
    }
  }

  static List<Network> networks() throws IOException {
    List<Network> networks = new ArrayList<>();
    JsonNode index = new ObjectMapper().readTree(REFERENCE.resolve("index.json").toFile());
    for (JsonNode c : index.get("cases")) {
      JsonNode files = c.path("files");
      String file = files.path("checkpoint").asText(files.path("weights_recipe").asText());
      if (c.path("config").has("n_params") && Files.exists(REFERENCE.resolve(file))) {
        networks.add(new Network(c.get("id").asText(), REFERENCE.resolve(file), c.get("config")));
      }
    }
    assertTrue(networks.size() > 10, networks.size() + " networks");
    return networks;
  }

  static List<Network> checkpoints() throws IOException {
    return networks().stream().filter(n -> n.weights.toString().endsWith(".pt")).toList();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void isRecognised(Network network) throws IOException {
    Architecture found = Architecture.of(shapes(network.weights)).orElseThrow();
    JsonNode config = network.config;
    switch (found.name()) {
      case "unet" -> {
        int channels = config.path("model_channels").asInt(config.path("num_channels").asInt());
        assertContains(found, channels + " channels");
        assertTrue(network.id.startsWith("imp_") || network.id.startsWith("gui_"));
        boolean guided = found.details().startsWith("guided-diffusion");
        assertEquals(config.path("resblock_updown").asBoolean(), guided, found.details());
        assertContains(
            found,
            config.path("out_channels").asInt(6) == 6 ? "learned variance" : "fixed variance");
      }
      case "wide_resnet" ->
          assertContains(
              found,
              "depth %d, widen factor %d, %d classes",
              config.get("depth").asInt(),
              config.get("widen_factor").asInt(),
              config.get("num_classes").asInt());
      case "resnet" ->
          assertContains(found, "depth 14"); // one bottleneck in each of the four stages
      case "cifar_resnet" -> assertContains(found, "depth 20, 10 classes");
      case "beit", "mlp_mixer" ->
          assertContains(
              found,
              "width %d, depth %d, patch size %d, %d classes",
              config.get("embed_dim").asInt(),
              config.path("depth").asInt(config.path("num_blocks").asInt()),
              config.get("patch_size").asInt(),
              config.get("num_classes").asInt());
      case "vit_hf" ->
          assertContains(
              found,
              "width %d, depth %d, patch size %d, %d classes",
              config.get("hidden_size").asInt(),
              config.get("num_hidden_layers").asInt(),
              config.get("patch_size").asInt(),
              config.get("num_labels").asInt());
      default -> throw new AssertionError(found);
    }
  }

  private static void assertContains(Architecture found, String format, Object... args) {
    String wanted = String.format(format, args);
    assertTrue(found.details().contains(wanted), found.details() + " / " + wanted);
  }

  /** What the original's own count of parameters says. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void parametersAreCountedAsPyTorchDoes(Network network) {
    Inspection inspection = Inspection.of(network.weights, null);
    assertEquals(network.config.get("n_params").asLong(), inspection.parameters());
  }

  @Test
  void prefixesAreLookedThrough() throws IOException {
    Map<String, Shape> plain = shapes(REFERENCE.resolve("classifiers/wrn_10_2.pt"));
    Map<String, Shape> wrapped = new LinkedHashMap<>();
    plain.forEach((key, shape) -> wrapped.put("1.module." + key, shape));
    assertEquals(Architecture.of(plain), Architecture.of(wrapped));
  }

  @Test
  void othersAreNot() {
    assertEquals(Optional.empty(), Architecture.of(Map.of()));
    assertEquals(Optional.empty(), Architecture.of(Map.of("conv.weight", Shape.of(5, 3, 3, 3))));
  }

  private static Map<String, Shape> shapes(Path weights) throws IOException {
    if (weights.toString().endsWith(".pt")) {
      return WeightFile.open(weights, null).shapes();
    }
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (JsonNode p : new ObjectMapper().readTree(weights.toFile()).get("params")) {
      int[] dims = new int[p.get("shape").size()];
      for (int axis = 0; axis < dims.length; axis++) {
        dims[axis] = p.get("shape").get(axis).asInt();
      }
      shapes.put(p.get("key").asText(), Shape.of(dims));
    }
    return shapes;
  }
}
