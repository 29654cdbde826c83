package io.densepure.fuzz;

import io.densepure.InputException;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.model.AttentionConfig;
import io.densepure.model.Beit;
import io.densepure.model.BeitConfig;
import io.densepure.model.Mixer;
import io.densepure.model.MixerConfig;
import io.densepure.model.ResNet;
import io.densepure.model.ResNetConfig;
import io.densepure.model.UNet;
import io.densepure.model.UNetConfig;
import io.densepure.model.UNetDetector;
import io.densepure.model.Vit;
import io.densepure.model.VitConfig;
import io.densepure.model.WideResNet;
import io.densepure.model.WideResNetConfig;
import io.densepure.weights.MapWeightStore;
import io.densepure.weights.WeightStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Networks, made of whatever tensors a checkpoint has. */
final class NetworkTargets {
  private static final long MAX_ELEMENTS = 1L << 29; // 2 GiB, as much as one tensor can have

  private NetworkTargets() {}

  /**
   * Lines of a key and a shape, {@code conv1.weight 64 3 7 7}; the first line has the number of
   * heads. No elements are there: a network that reads some while it is built is not.
   */
  static void network(byte[] input, Path folder) {
    List<String> lines = new String(input, StandardCharsets.UTF_8).lines().toList();
    List<HostTensor> tensors = new ArrayList<>();
    lines.stream().skip(1).forEach(line -> tensors.add(tensor(line)));
    WeightStore weights = MapWeightStore.of("network", tensors);
    int heads = lines.isEmpty() ? 0 : (int) extent(lines.get(0));
    if (UNetDetector.matches(weights)) {
      UNetConfig config = UNetDetector.detect(weights, AttentionConfig.FOUR_HEADS);
      UNet.load(weights, config);
    } else if (WideResNetConfig.matches(weights)) {
      WideResNet.load(weights, WideResNetConfig.detect(weights));
    } else if (ResNetConfig.matches(weights)) {
      ResNet.load(weights, ResNetConfig.detect(weights));
    } else if (weights.keys().contains("stem.proj.weight")) {
      Mixer.load(weights, MixerConfig.detect(weights));
    } else if (weights.keys().contains("vit.embeddings.cls_token")) {
      Vit.load(weights, VitConfig.detect(weights, heads));
    } else {
      Beit.load(weights, BeitConfig.detect(weights, heads));
    }
  }

  private static HostTensor tensor(String line) {
    String[] words = line.split(" ", -1);
    int[] dims = Arrays.stream(words).skip(1).mapToInt(w -> (int) extent(w)).toArray();
    long elements = 1;
    for (int dim : dims) {
      elements *= dim;
      if (elements > MAX_ELEMENTS) {
        throw new InputException("no file has such a tensor");
      }
    }
    return HostTensor.computed(
        words[0],
        Shape.of(dims),
        () -> {
          throw new InputException("no elements");
        });
  }

  private static long extent(String word) {
    return word.matches("\\d{1,9}") ? Long.parseLong(word) : 0;
  }
}
