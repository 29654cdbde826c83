package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Epilogue;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;
import io.densepure.weights.WeightStore;
import java.util.ArrayList;
import java.util.List;

/**
 * Residual networks (He et al. 2015): torchvision's and timm's for ImageNet ({@code resnet.py};
 * stride in the 3×3 convolution, wide ones included) and Cohen's for CIFAR ({@code
 * archs/cifar_resnet.py}). Every batch norm is folded into the convolution before it.
 */
public final class ResNet implements ImageClassifier {
  private static final int POOL = 3;

  private final ResNetConfig config;
  private final Conv2d conv1; // conv1, bn1
  private final List<List<ResidualBlock>> stages = new ArrayList<>(); // layer1, layer2 …
  private final Linear fc; // fc

  private ResNet(WeightPath all, WeightPath root, ResNetConfig config) {
    this.config = config;
    int channels = config.stemChannels();
    int stride = config.pooledStem() ? 2 : 1;
    conv1 =
        BatchNorm.load(root.at("bn1"), channels, BatchNorm.EPS)
            .foldInto(
                Conv2d.loadUnbiased(
                    root.at("conv1"), config.inChannels(), channels, config.stemKernel(), stride));
    for (int stage = 0; stage < config.blocks().size(); stage++) {
      WeightPath layer = root.at("layer" + (stage + 1));
      int width = config.width() << stage;
      int outputs = config.outputs() << stage;
      List<ResidualBlock> blocks = new ArrayList<>();
      for (int i = 0; i < config.blocks().get(stage); i++) {
        int step = stage > 0 && i == 0 ? 2 : 1;
        blocks.add(
            config.bottleneck()
                ? ResidualBlock.loadBottleneck(layer.at(i), channels, width, outputs, step)
                : ResidualBlock.loadBasic(layer.at(i), channels, width, outputs, step));
        channels = outputs;
      }
      stages.add(blocks);
    }
    fc = Linear.load(root.at("fc"), channels, config.numClasses());
    all.requireAllUsed(BatchNorm::isCounter);
  }

  /**
   * Finds every layer's weights and checks their shapes. What {@code nn.Sequential} and {@code
   * DataParallel} put before the keys ({@code 1.module.}) is recognised.
   *
   * @throws InputException naming the first key at which checkpoint and configuration differ,
   *     surplus keys included
   */
  public static ResNet load(WeightStore store, ResNetConfig config) {
    WeightPath all = WeightPath.root(store);
    WeightPath root = all;
    String prefix = ResNetConfig.prefix(store);
    for (String component : (prefix == null ? "" : prefix).split("\\.")) {
      root = component.isEmpty() ? root : root.at(component);
    }
    return new ResNet(all, root, config);
  }

  @Override
  public int classes() {
    return config.numClasses();
  }

  @Override
  public int channels() {
    return config.inChannels();
  }

  @Override
  public Tensor logits(Ops ops, Tensor x, DType dtype) {
    Tensor h = conv1.apply(ops, ops.cast(x, dtype), Epilogue.activation(Activation.RELU));
    if (config.pooledStem()) {
      h = ops.maxPool2d(h, POOL, 2, POOL / 2); // [N, H/4, W/4, 64]
      probe(ops, "maxpool", h);
    }
    for (int stage = 0; stage < stages.size(); stage++) {
      for (ResidualBlock block : stages.get(stage)) {
        h = block.forward(ops, h); // [N, H/(4·2^stage), W/(4·2^stage), outputs·2^stage]
      }
      probe(ops, "layer" + (stage + 1), h);
    }
    return fc.apply(ops, mean(ops, h, x.shape()), Epilogue.NONE.as(DType.F32)); // [N, classes]
  }

  private static void probe(Ops ops, String name, Tensor value) {
    ops.probe(name, () -> value);
  }

  /** Over all pixels: {@code [N, C]}. */
  private static Tensor mean(Ops ops, Tensor h, Shape images) {
    int side = h.shape().dim(1);
    if (h.shape().dim(2) != side) {
      throw InputException.of(
          "images of %d x %d do not fit a ResNet, which is made for square ones",
          images.dim(1), images.dim(2));
    }
    return ops.reshape(ops.avgPool2d(h, side, side), Shape.of(h.shape().dim(0), h.shape().dim(-1)));
  }
}
