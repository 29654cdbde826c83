package io.densepure.model;

import io.densepure.InputException;
import io.densepure.weights.WeightStore;

/**
 * What shapes a {@link WideResNet}.
 *
 * @param depth 6·n + 4, with n blocks in each of the three stages: 28 in WRN-28-10
 * @param widenFactor k: the stages are 16·k, 32·k and 64·k wide; 10 in WRN-28-10
 * @param numClasses classes
 * @param inChannels channels of the images
 */
public record WideResNetConfig(int depth, int widenFactor, int numClasses, int inChannels) {
  /**
   * @throws InputException if there is no such network
   */
  public WideResNetConfig {
    if (depth < 10 || (depth - 4) % 6 != 0 || depth > 10_000) {
      throw InputException.of("depth %d of a Wide-ResNet is not 6n + 4 (10, 16, 22, 28 …)", depth);
    }
    if (widenFactor < 1 || widenFactor > 1024 || numClasses < 1 || inChannels < 1) {
      throw InputException.of(
          "a Wide-ResNet of widen_factor %d, %d classes and %d input channels cannot be built",
          widenFactor, numClasses, inChannels);
    }
  }

  /** Residual blocks in each of the three stages. */
  public int blocksPerStage() {
    return (depth - 4) / 6;
  }

  /** Whether the checkpoint looks like a Wide-ResNet of this kind. */
  public static boolean matches(WeightStore store) {
    return store.keys().contains("layer1.0.bn1.weight")
        && store.keys().contains("layer1.0.conv1.bias")
        && store.keys().contains("linear.weight");
  }

  /**
   * Reads the configuration off a checkpoint's keys and shapes.
   *
   * @throws InputException if this is not such a network
   */
  public static WideResNetConfig detect(WeightStore store) {
    CheckpointShapes shapes = new CheckpointShapes(store, "a Wide-ResNet");
    int width = shapes.extent("layer1.0.conv1.weight", 4, 0);
    if (width % WideResNet.STEM_CHANNELS != 0) {
      throw InputException.of(
          "%s: not a Wide-ResNet: 'layer1.0.conv1.weight' has %d outputs, not a multiple of %d",
          store.source(), width, WideResNet.STEM_CHANNELS);
    }
    return new WideResNetConfig(
        6 * shapes.count("layer1.", ".conv1.weight") + 4,
        width / WideResNet.STEM_CHANNELS,
        shapes.extent("linear.weight", 2, 0),
        shapes.extent("conv1.weight", 4, 1));
  }
}
