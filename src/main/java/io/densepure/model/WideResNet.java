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
 * Wide residual network (Zagoruyko and Komodakis 2016) as DensePure has it ({@code
 * networks/wide_resnet.py, Wide_ResNet}): all convolutions have biases. Norms that follow a
 * convolution are folded into it; those that follow a sum cannot be.
 */
public final class WideResNet implements ImageClassifier {
  static final int STEM_CHANNELS = 16;
  private static final int POOL = 8;

  private final WideResNetConfig config;
  private final Conv2d conv1; // conv1
  private final List<List<WideBasic>> stages = new ArrayList<>(); // layer1, layer2, layer3
  private final BatchNorm bn1; // bn1
  private final Linear linear; // linear

  private WideResNet(WeightPath root, WideResNetConfig config) {
    this.config = config;
    conv1 = Conv2d.load(root.at("conv1"), config.inChannels(), STEM_CHANNELS, 3);
    int channels = STEM_CHANNELS;
    for (int stage = 1; stage <= 3; stage++) {
      int width = STEM_CHANNELS * config.widenFactor() << (stage - 1);
      List<WideBasic> blocks = new ArrayList<>();
      for (int i = 0; i < config.blocksPerStage(); i++) {
        int stride = stage > 1 && i == 0 ? 2 : 1;
        blocks.add(WideBasic.load(root.at("layer" + stage).at(i), channels, width, stride));
        channels = width;
      }
      stages.add(blocks);
    }
    bn1 = BatchNorm.load(root.at("bn1"), channels, BatchNorm.EPS);
    linear = Linear.load(root.at("linear"), channels, config.numClasses());
    root.requireAllUsed(BatchNorm::isCounter);
  }

  /**
   * Finds every layer's weights and checks their shapes.
   *
   * @throws InputException naming the first key at which checkpoint and configuration differ,
   *     surplus keys included
   */
  public static WideResNet load(WeightStore store, WideResNetConfig config) {
    return new WideResNet(WeightPath.root(store), config);
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
    Tensor h = conv1.apply(ops, ops.cast(x, dtype), Epilogue.NONE); // [N, H, W, 16]
    probe(ops, "conv1", h);
    for (int stage = 1; stage <= stages.size(); stage++) {
      for (WideBasic block : stages.get(stage - 1)) {
        h = block.forward(ops, h); // [N, H/2^(stage-1), W/2^(stage-1), 16·k·2^(stage-1)]
      }
      probe(ops, "layer" + stage, h);
    }
    checkPooling(x.shape(), h.shape());
    h = bn1.apply(ops, h, Activation.RELU);
    h = ops.avgPool2d(h, POOL, POOL); // [N, 1, 1, 64·k]
    h = ops.reshape(h, Shape.of(h.shape().dim(0), h.shape().dim(-1)));
    return linear.apply(ops, h, Epilogue.NONE.as(DType.F32)); // [N, classes]
  }

  private static void probe(Ops ops, String name, Tensor value) {
    ops.probe(name, () -> value);
  }

  /** The original pools 8×8 windows and then needs exactly one of them. */
  private static void checkPooling(Shape images, Shape last) {
    if (last.dim(1) / POOL != 1 || last.dim(2) / POOL != 1) {
      throw InputException.of(
          "images of %d x %d do not fit a Wide-ResNet, which is made for 32 x 32",
          images.dim(1), images.dim(2));
    }
  }
}
