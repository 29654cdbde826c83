package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.Shape;
import io.densepure.weights.WeightStore;
import java.util.ArrayList;
import java.util.List;

/**
 * What shapes a {@link ResNet}. Stage i works at width {@code width·2^i} and ends in {@code
 * outputs·2^i} channels.
 *
 * @param bottleneck blocks of 1×1, 3×3 and 1×1 convolutions instead of two 3×3
 * @param blocks per stage: four of them for ImageNet, three for CIFAR
 * @param stemChannels of the first convolution
 * @param stemKernel 7 with stride 2 and max pooling after it, or 3
 * @param width channels inside the first stage's blocks
 * @param outputs channels after the first stage
 * @param numClasses classes
 * @param inChannels channels of the images
 */
public record ResNetConfig(
    boolean bottleneck,
    List<Integer> blocks,
    int stemChannels,
    int stemKernel,
    int width,
    int outputs,
    int numClasses,
    int inChannels) {
  /** What wrappers put before the keys: nothing, Cohen's Sequential, DataParallel, or both. */
  private static final List<String> PREFIXES = List.of("", "1.", "module.", "1.module.");

  private static final int IMAGENET_KERNEL = 7;
  private static final int CIFAR_KERNEL = 3;
  private static final int MAX_BLOCKS = 10_000;

  public ResNetConfig {
    blocks = List.copyOf(blocks);
  }

  /** Whether the checkpoint looks like such a network. */
  public static boolean matches(WeightStore store) {
    String prefix = prefix(store);
    return prefix != null
        && store.keys().contains(prefix + "layer1.0.conv2.weight")
        && store.keys().contains(prefix + "fc.weight");
  }

  /** What stands before all keys; null if there is no first convolution under any known prefix. */
  static String prefix(WeightStore store) {
    return PREFIXES.stream()
        .filter(p -> store.keys().contains(p + "conv1.weight"))
        .findFirst()
        .orElse(null);
  }

  /**
   * Reads the configuration off a checkpoint's keys and shapes.
   *
   * @throws InputException if this is not such a network
   */
  public static ResNetConfig detect(WeightStore store) {
    if (!matches(store)) {
      throw InputException.of(
          "%s: not a ResNet: it lacks conv1.weight, layer1.0.conv2.weight or fc.weight",
          store.source());
    }
    Shapes shapes = new Shapes(store, prefix(store));
    boolean bottleneck = shapes.has("layer1.0.conv3.weight");
    List<Integer> blocks = new ArrayList<>();
    for (int n = shapes.blocks(1); n > 0; n = shapes.blocks(blocks.size() + 1)) {
      blocks.add(n);
    }
    int kernel = shapes.extent("conv1.weight", 4, 2);
    if (kernel != IMAGENET_KERNEL && kernel != CIFAR_KERNEL) {
      throw InputException.of(
          "%s: not a ResNet known here: its first convolution is %d x %d, neither 7 x 7 nor 3 x 3",
          store.source(), kernel, kernel);
    }
    return new ResNetConfig(
        bottleneck,
        blocks,
        shapes.extent("conv1.weight", 4, 0),
        kernel,
        shapes.extent("layer1.0.conv1.weight", 4, 0),
        shapes.extent("layer1.0.conv" + (bottleneck ? 3 : 2) + ".weight", 4, 0),
        shapes.extent("fc.weight", 2, 0),
        shapes.extent("conv1.weight", 4, 1));
  }

  /** Whether the first convolution halves the images and is followed by max pooling. */
  boolean pooledStem() {
    return stemKernel == IMAGENET_KERNEL;
  }

  private record Shapes(WeightStore store, String prefix) {
    boolean has(String key) {
      return store.keys().contains(prefix + key);
    }

    int blocks(int stage) {
      int n = 0;
      while (n < MAX_BLOCKS && has("layer" + stage + "." + n + ".conv1.weight")) {
        n++;
      }
      return n;
    }

    int extent(String key, int rank, int axis) {
      Shape shape = has(key) ? store.get(prefix + key).shape() : Shape.of();
      if (shape.rank() != rank || shape.dim(axis) < 1) {
        throw InputException.of(
            "%s: not a ResNet: '%s' is missing or has shape %s", store.source(), key, shape);
      }
      return shape.dim(axis);
    }
  }
}
