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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks are recognised, with the dimensions they were made with. */
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
        boolean guided = found.details().startsWith("guided-diffusion");
        assertEquals(config.path("resblock_updown").asBoolean(), guided, found.details());
        boolean learned = config.path("out_channels").asInt(6) == 6;
        assertContains(found, learned ? "learned variance" : "fixed variance");
      }
      case "wide_resnet" ->
          assertContains(
              found,
              "depth %d, widen factor %d, %d classes",
              config.get("depth").asInt(),
              config.get("widen_factor").asInt(),
              config.get("num_classes").asInt());
      case "resnet" -> {
        assertTrue(config.get("cls").asText().contains("ResNet(Bottleneck)"), network.toString());
        assertContains(found, "%d classes", config.get("num_classes").asInt());
      }
      case "cifar_resnet" ->
          assertContains(
              found, "depth %s", config.get("arch").asText().replace("cifar_resnet", ""));
      case "vit_hf" ->
          assertTransformer(found, config, "hidden_size", "num_hidden_layers", "num_labels");
      case "beit" -> assertTransformer(found, config, "embed_dim", "depth", "num_classes");
      case "mlp_mixer" ->
          assertTransformer(found, config, "embed_dim", "num_blocks", "num_classes");
      default -> throw new AssertionError(network + " taken for " + found);
    }
  }

  /** The class of the same name, and what its constructor was told. */
  private static void assertTransformer(
      Architecture found, JsonNode config, String width, String depth, String classes) {
    String name = config.get("cls").asText().toLowerCase(Locale.ROOT);
    assertTrue(name.contains(found.name().replace("_hf", "").replace("_", "")), name);
    assertContains(
        found,
        "width %d, depth %d, patch size %d, %d classes",
        config.get(width).asInt(),
        config.get(depth).asInt(),
        config.get("patch_size").asInt(),
        config.get(classes).asInt());
  }

  /** The other classifiers of the paper, by the keys and shapes that tell them apart. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "resnet; depth 50, 1000 classes; conv1.weight 64 3 7 7, bn1.running_mean 64,"
            + " layer1.0.conv1.weight 64 64 1 1, layer1.2.conv3.weight 256 64 1 1,"
            + " layer1.0.conv3.weight 256 64 1 1, layer2.3.conv1.weight 128 512 1 1,"
            + " layer3.5.conv1.weight 256 1024 1 1, layer4.0.conv1.weight 512 1024 1 1,"
            + " layer4.2.conv1.weight 512 2048 1 1, fc.weight 1000 2048",
        "resnet; depth 50, width 128, 1000 classes; conv1.weight 64 3 7 7, bn1.running_mean 64,"
            + " layer1.0.conv1.weight 128 64 1 1, layer1.2.conv3.weight 256 128 1 1,"
            + " layer1.0.conv3.weight 256 128 1 1, layer2.3.conv1.weight 256 512 1 1,"
            + " layer3.5.conv1.weight 512 1024 1 1, layer4.0.conv1.weight 1024 1024 1 1,"
            + " layer4.2.conv1.weight 1024 2048 1 1, fc.weight 1000 2048",
        "cifar_resnet; depth 110, 10 classes; 1.module.conv1.weight 16 3 3 3,"
            + " 1.module.layer1.17.conv2.weight 16 16 3 3, 1.module.layer3.0.conv2.weight 64 64 3 3,"
            + " 1.module.fc.weight 10 64",
        "beit; width 1024, depth 24, patch size 16, 1000 classes; cls_token 1 1 1024,"
            + " patch_embed.proj.weight 1024 3 16 16, blocks.0.attn.qkv.weight 3072 1024,"
            + " blocks.0.attn.q_bias 1024, blocks.23.norm1.weight 1024, head.weight 1000 1024",
        "vit_hf; width 768, depth 12, patch size 16, 10 classes; vit.embeddings.cls_token 1 1 768,"
            + " vit.embeddings.patch_embeddings.projection.weight 768 3 16 16,"
            + " vit.encoder.layer.11.layernorm_after.bias 768, classifier.weight 10 768",
        "vit_timm; width 768, depth 12, patch size 16; pos_embed 1 197 768,"
            + " patch_embed.proj.weight 768 3 16 16, blocks.0.attn.qkv.weight 2304 768,"
            + " blocks.11.norm1.weight 768",
        "mlp_mixer; width 768, depth 12, patch size 16, 1000 classes; stem.proj.weight 768 3 16 16,"
            + " blocks.0.mlp_tokens.fc1.weight 384 196, blocks.11.norm1.weight 768,"
            + " head.weight 1000 768",
      })
  void classifiersAreRecognised(String name, String details, String tensors) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (String tensor : tensors.split(", ")) {
      String[] words = tensor.split(" ");
      shapes.put(
          words[0], Shape.of(Arrays.stream(words).skip(1).mapToInt(Integer::parseInt).toArray()));
    }
    assertEquals(Optional.of(new Architecture(name, details)), Architecture.of(shapes));
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
