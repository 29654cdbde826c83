package io.densepure.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.config.ClassifierConfig;
import io.densepure.convert.CheckpointReader;
import io.densepure.convert.KeyPrefix;
import io.densepure.convert.WeightFile;
import io.densepure.weights.WeightStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What configuration files call the networks. */
class NetworksTest {
  private static ClassifierConfig config(String network, int numHeads) {
    return new ClassifierConfig("mine", network, "x.pt", null, numHeads);
  }

  @ParameterizedTest
  @CsvSource({
    "beit, 0, beit_shared_abs, 7",
    "mixer, 0, mixer_tiny, 10",
    "resnet, 0, cohen_cifar_resnet20, 10",
    "vit, 2, vit_no_qkv_bias, 5",
    "wide-resnet, 0, wrn_10_2, 10",
  })
  void eachNameLoadsItsNetwork(String network, int numHeads, String file, int classes) {
    Path path = Path.of("src/test/reference/classifiers", file + ".pt");
    WeightStore weights = CheckpointReader.open(path).stateDict();
    ClassifierConfig config = config(network, numHeads);
    assertEquals(classes, Networks.of(config, "my.yml").load(weights, config).classes());
  }

  /**
   * What inspect says a checkpoint is, and what can be built from it, are told apart separately.
   */
  @ParameterizedTest
  @CsvSource({
    "beit, 4, beit_tiny, beit",
    "mixer, 0, mixer_tiny, mlp_mixer",
    "resnet, 0, cohen_cifar_resnet20, cifar_resnet",
    "vit, 4, vit_tiny, vit_hf",
    "wide-resnet, 0, wrn_10_2, wide_resnet",
  })
  void onlyTheRecognisedNetworkIsBuilt(
      String network, int numHeads, String file, String architecture) {
    Path path = Path.of("src/test/reference/classifiers", file + ".pt");
    WeightStore weights = WeightFile.open(path, null).with(KeyPrefix.STRIP).store();
    for (String other : List.of("beit", "mixer", "resnet", "vit", "wide-resnet")) {
      ClassifierConfig config = config(other, numHeads);
      Networks.Kind kind = Networks.of(config, "my.yml");
      if (other.equals(network)) {
        assertTrue(kind.architectures().contains(architecture));
        assertTrue(kind.load(weights, config).classes() > 1);
      } else {
        InputException e =
            assertThrows(InputException.class, () -> kind.load(weights, config), other);
        assertTrue(
            e.getMessage().contains("the file looks like " + architecture + ": "), e.getMessage());
      }
    }
  }

  @Test
  void anUnknownNameIsRefusedWithThoseThereAre() {
    String message =
        assertThrows(InputException.class, () -> Networks.of(config("vgg", 0), "my.yml"))
            .getMessage();
    assertEquals(
        "my.yml: classifier 'mine' has network 'vgg'; this version knows: beit, mixer, resnet, vit,"
            + " wide-resnet",
        message);
  }
}
