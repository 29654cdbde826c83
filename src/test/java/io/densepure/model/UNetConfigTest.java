package io.densepure.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.InputException;
import io.densepure.Settings;
import io.densepure.model.UNetSettings.Family;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UNetConfigTest {
  private static Settings settings(Object... pairs) {
    Map<String, Object> values = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      values.put((String) pairs[i], pairs[i + 1]);
    }
    return new Settings("net.yml", values);
  }

  @Test
  void defaultsOfImprovedAreTheCifarModel() {
    UNetConfig c = UNetSettings.fromFlags(settings(), Family.IMPROVED);
    assertEquals(
        new UNetConfig(
            3,
            128,
            6,
            3,
            Set.of(2, 4),
            List.of(1.0, 2.0, 2.0, 2.0),
            true,
            0,
            AttentionConfig.FOUR_HEADS,
            true,
            false),
        c);
    assertTrue(c.learnSigma());
    assertEquals(512, c.timeEmbedDim());
  }

  /** configs/imagenet.yml. */
  @Test
  void flagsOfTheImagenetModel() {
    UNetConfig c =
        UNetSettings.fromFlags(
            settings(
                "image_size",
                256,
                "num_channels",
                256,
                "num_head_channels",
                64,
                "learn_sigma",
                true,
                "attention_resolutions",
                "32,16,8",
                "resblock_updown",
                true,
                "use_fp16",
                true,
                "noise_schedule",
                "linear"),
            Family.GUIDED);
    assertEquals(List.of(1.0, 1.0, 2.0, 2.0, 4.0, 4.0), c.channelMult());
    assertEquals(Set.of(8, 16, 32), c.attentionResolutions());
    assertEquals(2, c.numResBlocks());
    assertEquals(1024, c.channels(5));
    assertFalse(c.hasAttention(2));
    assertTrue(c.hasAttention(3));
    assertEquals(8, c.attention().heads(512, true));
  }

  @ParameterizedTest
  @CsvSource({
    "GUIDED, 512, 7, 0.5",
    "GUIDED, 256, 6, 1",
    "GUIDED, 128, 5, 1",
    "GUIDED, 64, 4, 1",
    "IMPROVED, 256, 6, 1",
    "IMPROVED, 64, 4, 1",
    "IMPROVED, 32, 4, 1"
  })
  void channelMultFollowsTheImageSize(Family family, int size, int levels, double first) {
    UNetConfig c = UNetSettings.fromFlags(settings("image_size", size), family);
    assertEquals(levels, c.levels());
    assertEquals(first, c.channelMult().get(0));
  }

  @ParameterizedTest
  @CsvSource({"GUIDED, 32", "IMPROVED, 512", "IMPROVED, 128", "GUIDED, 28"})
  void otherImageSizesNeedChannelMult(Family family, int size) {
    assertMessage(
        "net.yml: no usual channel_mult for image_size " + size,
        () -> UNetSettings.fromFlags(settings("image_size", size), family));
    UNetConfig c =
        UNetSettings.fromFlags(settings("image_size", size, "channel_mult", "1,2"), family);
    assertEquals(List.of(1.0, 2.0), c.channelMult());
  }

  @Test
  void classesOnlyWhereConditional() {
    Settings conditional = settings("class_cond", true);
    assertEquals(1000, UNetSettings.fromFlags(conditional, Family.GUIDED).numClasses());
    assertEquals(0, UNetSettings.fromFlags(settings("num_classes", 9), Family.GUIDED).numClasses());
  }

  @Test
  void refusesWhatCannotBeBuilt() {
    assertMessage(
        "net.yml: level 0 has 1.0 x 48 = 48 channels; group norm needs a multiple of 32",
        () -> UNetSettings.fromFlags(settings("num_channels", 48), Family.IMPROVED));
    assertMessage(
        "net.yml: 3 heads do not divide the 256 channels of an attention layer; change num_heads",
        () -> UNetSettings.fromFlags(settings("num_heads", 3), Family.IMPROVED));
    assertMessage(
        "net.yml: 3 heads do not divide the 256 channels of an attention layer; change"
            + " num_heads_upsample",
        () -> UNetSettings.fromFlags(settings("num_heads_upsample", 3), Family.IMPROVED));
    assertMessage(
        "net.yml: num_head_channels 48 does not divide the 512 channels",
        () -> UNetSettings.fromFlags(settings("num_head_channels", 48), Family.GUIDED));
    assertMessage(
        "net.yml: num_heads is 0",
        () -> UNetSettings.fromFlags(settings("num_heads", 0), Family.GUIDED));
    assertMessage(
        "net.yml: num_res_blocks is -1",
        () -> UNetSettings.fromFlags(settings("num_res_blocks", -1), Family.GUIDED));
    assertMessage(
        "net.yml: attention_resolutions has 0",
        () -> UNetSettings.fromFlags(settings("attention_resolutions", "16,0"), Family.GUIDED));
    assertMessage(
        "net.yml: model_channels is 2000000000",
        () -> UNetSettings.fromFlags(settings("num_channels", 2000000000), Family.GUIDED));
  }

  @Test
  void refusesWhatImprovedDiffusionCannotRun() {
    Object[] base = {
      "in_channels", 3, "model_channels", 32, "out_channels", 6, "num_res_blocks", 1
    };
    for (Object[] bad :
        new Object[][] {
          {"channel_mult", List.of(2, 1)},
          {"conv_resample", false},
          {"resblock_updown", true},
          {"num_head_channels", 8},
          {"use_new_attention_order", true}
        }) {
      Object[] all = java.util.Arrays.copyOf(base, base.length + 2);
      all[base.length] = bad[0];
      all[base.length + 1] = bad[1];
      String message =
          assertThrows(
                  InputException.class,
                  () -> UNetSettings.fromConstructor(settings(all), Family.IMPROVED))
              .getMessage();
      assertTrue(message.startsWith("net.yml: ") && message.contains((String) bad[0]), message);
      UNetSettings.fromConstructor(settings(all), Family.GUIDED);
    }
    assertMessage(
        "net.yml: out_channels is 4",
        () ->
            UNetSettings.fromConstructor(
                settings(
                    "in_channels", 3, "model_channels", 32, "out_channels", 4, "num_res_blocks", 1),
                Family.GUIDED));
    assertMessage(
        "net.yml: 'model_channels' is missing",
        () -> UNetSettings.fromConstructor(settings("in_channels", 3), Family.GUIDED));
  }

  @Test
  void aConfigurationSurvivesBeingWrittenAndRead() throws Exception {
    UNetConfig config =
        new UNetConfig(
            1,
            64,
            2,
            2,
            Set.of(1, 4),
            List.of(0.5, 1.0, 2.0),
            false,
            9,
            new AttentionConfig(2, 16, 4, true),
            false,
            true);
    ObjectMapper json = new ObjectMapper();
    Map<?, ?> read =
        json.readValue(json.writeValueAsString(UNetSettings.toConstructor(config)), HashMap.class);
    Map<String, Object> values = new HashMap<>();
    read.forEach((k, v) -> values.put((String) k, v));
    assertEquals(
        config, UNetSettings.fromConstructor(new Settings("a.json", values), Family.GUIDED));
  }

  @Test
  void imagesMustHalveOncePerLevel() {
    UNetConfig c = UNetSettings.fromFlags(settings(), Family.IMPROVED);
    c.checkImageSize(32, 40);
    assertMessage(
        "images of 28 x 32 do not fit a UNet of 4 levels: height and width must be multiples of 8",
        () -> c.checkImageSize(28, 32));
    assertThrows(InputException.class, () -> c.checkImageSize(32, 0));
  }

  private static void assertMessage(String start, Runnable action) {
    String message = assertThrows(InputException.class, action::run).getMessage();
    assertTrue(message.startsWith(start), message);
  }
}
