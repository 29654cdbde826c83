package io.densepure.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.weights.MapWeightStore;
import io.densepure.weights.WeightStore;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checkpoints and configurations: what fits, and what is said where it does not. */
class UNetLoadingTest {
  private static final String SMALL = "improved_unet/imp_one_head";

  static List<String> cases() {
    return RecipeCases.names();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theConfigurationIsDetectedFromTheShapes(String name) {
    UNetConfig config = RecipeCases.UNETS.get(name);
    WeightStore store = RecipeCases.weights(name);
    assertTrue(UNetDetector.matches(store));
    assertEquals(config, UNetDetector.detect(store, config.attention()));
    UNet.load(store, config);
  }

  @Test
  void aClassConditionalNetworkIsDetectedAndLoaded() {
    WeightStore store =
        RecipeCases.changed(
            RecipeCases.weights(SMALL),
            Map.of("label_emb.weight", RecipeCases.zeros("label_emb.weight", 7, 128)));
    UNetConfig config = UNetDetector.detect(store, RecipeCases.ONE_HEAD.attention());
    assertEquals(7, config.numClasses());
    assertEquals(7, UNet.load(store, config).classes());
  }

  @Test
  void aMissingTensorIsNamedWithTheShapeItShouldHave() {
    assertMisfit(
        Collections.singletonMap("middle_block.1.qkv.bias", null),
        "no tensor 'middle_block.1.qkv.bias' [288]");
  }

  @Test
  void aTensorOfAnotherShapeIsNamedWithBothShapes() {
    String key = "input_blocks.1.0.emb_layers.1.weight";
    assertMisfit(
        Map.of(key, RecipeCases.zeros(key, 32, 128)),
        "'" + key + "' has shape [32, 128] but the configured network needs [64, 128]");
  }

  @Test
  void aSurplusTensorIsNamed() {
    assertMisfit(
        Map.of("ema.decay", RecipeCases.zeros("ema.decay", 1)),
        "tensor 'ema.decay' [1] has no place");
  }

  private static void assertMisfit(Map<String, HostTensor> changes, String expected) {
    WeightStore store = RecipeCases.changed(RecipeCases.weights(SMALL), changes);
    String message =
        assertThrows(InputException.class, () -> UNet.load(store, RecipeCases.ONE_HEAD))
            .getMessage();
    assertTrue(message.startsWith(store.source() + ": ") && message.contains(expected), message);
  }

  @Test
  void whatIsNoUNetIsNotTakenForOne() {
    WeightStore empty = MapWeightStore.of("x.pt", List.of());
    assertFalse(UNetDetector.matches(empty));
    String message =
        assertThrows(
                InputException.class, () -> UNetDetector.detect(empty, AttentionConfig.FOUR_HEADS))
            .getMessage();
    assertTrue(message.startsWith("x.pt: not a diffusion UNet: "), message);

    WeightStore flat =
        RecipeCases.changed(
            RecipeCases.weights(SMALL), Map.of("out.2.weight", RecipeCases.zeros("out.2.weight")));
    assertThrows(InputException.class, () -> UNetDetector.detect(flat, AttentionConfig.FOUR_HEADS));
    WeightStore broken =
        RecipeCases.changed(
            RecipeCases.weights(SMALL),
            Map.of("input_blocks.99999.x", RecipeCases.zeros("input_blocks.99999.x", 1)));
    assertThrows(
        InputException.class, () -> UNetDetector.detect(broken, AttentionConfig.FOUR_HEADS));
  }
}
