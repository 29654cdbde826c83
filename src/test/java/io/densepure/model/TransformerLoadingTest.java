package io.densepure.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.ReferenceDevice;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.convert.CheckpointReader;
import io.densepure.model.BeitConfig.Relative;
import io.densepure.weights.WeightStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What ViT, BEiT and MLP-Mixer read off a checkpoint, and what they refuse. */
class TransformerLoadingTest {
  private static final String VIT_VALUE = "vit.encoder.layer.1.attention.attention.value.weight";

  private static WeightStore weights(String name) {
    Path file = Path.of("src/test/reference/classifiers", name + ".pt");
    return CheckpointReader.open(file).stateDict();
  }

  private static Map<String, HostTensor> without(String... keys) {
    Map<String, HostTensor> changes = new LinkedHashMap<>();
    for (String key : keys) {
      changes.put(key, null);
    }
    return changes;
  }

  private static HostTensor integers(String name, Shape shape, byte... values) {
    return new HostTensor(name, DType.I8, shape, ByteBuffer.wrap(values));
  }

  @Test
  void vitIsDetected() {
    PatchGrid grid = new PatchGrid(4, 4, 8, 3);
    assertEquals(
        new VitConfig(grid, 48, 3, 4, 96, true, 1e-12f, 10),
        VitConfig.detect(weights("vit_tiny"), 4));
    assertEquals(
        new VitConfig(new PatchGrid(3, 3, 16, 3), 32, 2, 2, 64, false, 1e-12f, 5),
        VitConfig.detect(weights("vit_no_qkv_bias"), 2));
  }

  @Test
  void beitIsDetected() {
    PatchGrid square = new PatchGrid(4, 4, 8, 3);
    assertEquals(
        new BeitConfig(square, 48, 2, 4, 12, 192, true, false, Relative.PER_BLOCK, true, true, 10),
        BeitConfig.detect(weights("beit_tiny"), 0));
    assertEquals(
        new BeitConfig(square, 48, 2, 4, 12, 192, true, true, Relative.SHARED, true, true, 7),
        BeitConfig.detect(weights("beit_shared_abs"), 4));
    // 48 x 32 pixels: the order of rows and columns is only in the index.
    assertEquals(
        new PatchGrid(6, 4, 8, 3), BeitConfig.detect(weights("beit_nonorm_headdim"), 0).grid());
  }

  @Test
  void beitWithoutItsIndexIsDetectedWhereTheGridIsSquare() {
    WeightStore store =
        RecipeCases.changed(
            weights("beit_shared_abs"), without("rel_pos_bias.relative_position_index"));
    BeitConfig config = BeitConfig.detect(store, 0);
    assertEquals(new PatchGrid(4, 4, 8, 3), config.grid());
    assertEquals(7, Beit.load(store, config).classes());
    WeightStore oblong =
        RecipeCases.changed(
            weights("beit_nonorm_headdim"), without("blocks.0.attn.relative_position_index"));
    assertRefused(() -> BeitConfig.detect(oblong, 0), "80 entries");
  }

  @Test
  void mixerIsDetected() {
    assertEquals(
        new MixerConfig(new PatchGrid(4, 4, 8, 3), 48, 3, 24, 192, 10),
        MixerConfig.detect(weights("mixer_tiny")));
  }

  @Test
  void headsAreThoseOfThePublishedNetworksUnlessStated() {
    CheckpointShapes shapes = new CheckpointShapes(weights("vit_tiny"), "a ViT");
    assertEquals(12, shapes.heads(768, 0));
    assertEquals(16, shapes.heads(1024, 0));
    assertEquals(8, shapes.heads(768, 8));
    assertRefused(() -> VitConfig.detect(weights("vit_tiny"), 0), "num_heads");
    assertRefused(() -> VitConfig.detect(weights("vit_tiny"), 5), "5 heads");
    assertRefused(() -> BeitConfig.detect(weights("beit_tiny"), 12), "has 4 heads, not 12");
  }

  static Stream<Arguments> misfits() {
    Consumer<WeightStore> vit = s -> Vit.load(s, VitConfig.detect(s, 4));
    Consumer<WeightStore> beit = s -> Beit.load(s, BeitConfig.detect(s, 0));
    Consumer<WeightStore> mixer = s -> Mixer.load(s, MixerConfig.detect(s));
    String bias = "vit.encoder.layer.2.attention.attention.key.bias";
    String surplus = "blocks.1.attn.qkv.bias";
    String index = "blocks.1.attn.relative_position_index";
    byte[] zeros = new byte[17 * 17];
    return Stream.of(
        Arguments.of("vit_tiny", vit, without(VIT_VALUE), VIT_VALUE),
        Arguments.of("vit_tiny", vit, without(bias), "no tensor '" + bias + "' [48]"),
        Arguments.of(
            "vit_tiny",
            vit,
            Map.of("vit.pooler.dense.bias", RecipeCases.zeros("vit.pooler.dense.bias", 48)),
            "'vit.pooler.dense.bias' [48] has no place"),
        Arguments.of("beit_tiny", beit, without("fc_norm.weight"), "no tensor 'norm.weight'"),
        Arguments.of("beit_tiny", beit, without("blocks.1.gamma_2"), "blocks.1.gamma_2"),
        Arguments.of(
            "beit_tiny", beit, Map.of(surplus, RecipeCases.zeros(surplus, 144)), "has no place"),
        Arguments.of(
            "beit_tiny",
            beit,
            Map.of(index, integers(index, Shape.of(17, 17), zeros)),
            "'" + index + "' is not the index"),
        Arguments.of("mixer_tiny", mixer, without("blocks.2.norm2.bias"), "blocks.2.norm2.bias"),
        Arguments.of(
            "mixer_tiny",
            mixer,
            Map.of("stem.norm.weight", RecipeCases.zeros("stem.norm.weight", 48)),
            "'stem.norm.weight' [48] has no place"));
  }

  @ParameterizedTest
  @MethodSource("misfits")
  void misfitsAreNamed(
      String name, Consumer<WeightStore> load, Map<String, HostTensor> changes, String expected) {
    load.accept(weights(name));
    WeightStore changed = RecipeCases.changed(weights(name), changes);
    assertRefused(() -> load.accept(changed), expected);
  }

  @Test
  void otherNetworksAreNotTakenForThese() {
    assertRefused(() -> VitConfig.detect(weights("beit_tiny"), 4), "not a ViT: no tensor");
    assertRefused(() -> BeitConfig.detect(weights("mixer_tiny"), 0), "not a BEiT: no tensor");
    assertRefused(() -> MixerConfig.detect(weights("vit_tiny")), "not an MLP-Mixer: no tensor");
    HostTensor flat = RecipeCases.zeros("stem.proj.weight", 3);
    WeightStore odd = RecipeCases.changed(weights("mixer_tiny"), Map.of("stem.proj.weight", flat));
    assertRefused(() -> MixerConfig.detect(odd), "has shape [3]");
    HostTensor none = RecipeCases.zeros("head.weight", 0, 48);
    WeightStore mute = RecipeCases.changed(weights("mixer_tiny"), Map.of("head.weight", none));
    assertRefused(() -> MixerConfig.detect(mute), "'head.weight' has shape [0, 48]");
  }

  @Test
  void patchesThatMakeNoSquareAreRefused() {
    String key = "vit.embeddings.position_embeddings";
    WeightStore store =
        RecipeCases.changed(
            weights("vit_tiny"), Collections.singletonMap(key, RecipeCases.zeros(key, 1, 13, 48)));
    assertRefused(() -> VitConfig.detect(store, 4), "12 patches");
  }

  @Test
  void gridsThatNobodyCanUseAreRefused() {
    for (int[] g : new int[][] {{0, 4, 8, 3}, {4, 4, 0, 3}, {4, 4, 8, 0}, {4096, 4096, 8, 3}}) {
      assertRefused(() -> new PatchGrid(g[0], g[1], g[2], g[3]), "cannot be cut");
    }
  }

  @Test
  void imagesOfAnotherSizeAreRefused() {
    Vit vit = Vit.load(weights("vit_tiny"), VitConfig.detect(weights("vit_tiny"), 4));
    try (Device device = new ReferenceDevice()) {
      Tensor x = device.allocate(DType.F32, Shape.of(1, 32, 40, 3));
      assertRefused(
          () -> device.record(ops -> vit.logits(ops, x, DType.F32)),
          "images of 32 x 40 do not fit this network, which is made for 32 x 32");
    }
  }

  private static void assertRefused(Runnable wrong, String expected) {
    String message = assertThrows(InputException.class, wrong::run).getMessage();
    assertTrue(message.contains(expected), message);
  }
}
