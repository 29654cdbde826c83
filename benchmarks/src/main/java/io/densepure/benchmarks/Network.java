package io.densepure.benchmarks;

import io.densepure.benchmarks.libtorch.TorchScript;
import io.densepure.benchmarks.libtorch.TorchUNet;
import io.densepure.benchmarks.libtorch.TorchVit;
import io.densepure.benchmarks.libtorch.TorchWideResNet;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.model.AttentionConfig;
import io.densepure.model.PatchGrid;
import io.densepure.model.UNet;
import io.densepure.model.UNetConfig;
import io.densepure.model.Vit;
import io.densepure.model.VitConfig;
import io.densepure.model.WideResNet;
import io.densepure.model.WideResNetConfig;
import io.densepure.parity.RecipeWeights;
import io.densepure.weights.WeightStore;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The paper's networks for CIFAR-10, as both engines build them. */
public enum Network {
  /** The diffusion model of {@code cifar10_uncond_50M_500K.pt}; the batch shares its timestep. */
  UNET_CIFAR10 {
    private static final UNetConfig CONFIG =
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
            false);

    @Override
    List<HostTensor> inputs(int batch) {
      return List.of(images(batch, IMAGE_SIZE), HostTensor.of("t", Shape.of(1), 321.5f));
    }

    @Override
    Shape outputShape(int batch) {
      return Shape.of(batch, IMAGE_SIZE, IMAGE_SIZE, CONFIG.outChannels());
    }

    @Override
    TorchScript libtorch(RandomWeights weights, DType dtype, int batch) {
      return TorchUNet.script(CONFIG, weights, dtype, batch, IMAGE_SIZE);
    }

    @Override
    Recording densepure(WeightStore weights, DType dtype) {
      UNet unet = UNet.load(weights, CONFIG);
      return (ops, in) -> unet.forward(ops, in.get(0), in.get(1), null, dtype);
    }
  },

  /** The classifier of {@code wide-resnet-28x10.t7}. */
  WIDE_RESNET_28_10 {
    private static final WideResNetConfig CONFIG = new WideResNetConfig(28, 10, 10, 3);

    @Override
    List<HostTensor> inputs(int batch) {
      return List.of(images(batch, IMAGE_SIZE));
    }

    @Override
    Shape outputShape(int batch) {
      return Shape.of(batch, CONFIG.numClasses());
    }

    @Override
    TorchScript libtorch(RandomWeights weights, DType dtype, int batch) {
      return TorchWideResNet.script(CONFIG, weights, dtype, batch);
    }

    @Override
    Recording densepure(WeightStore weights, DType dtype) {
      WideResNet net = WideResNet.load(weights, CONFIG);
      return (ops, in) -> net.logits(ops, in.get(0), dtype);
    }
  },

  /** The classifier {@code aaraki/vit-base-patch16-224-in21k-finetuned-cifar10}: ViT-B/16. */
  VIT_B_16 {
    private static final VitConfig CONFIG =
        new VitConfig(
            new PatchGrid(14, 14, 16, 3), 768, 12, 12, 3072, true, VitConfig.USUAL_EPS, 10);

    @Override
    List<HostTensor> inputs(int batch) {
      return List.of(images(batch, VIT_IMAGE_SIZE));
    }

    @Override
    Shape outputShape(int batch) {
      return Shape.of(batch, CONFIG.numLabels());
    }

    @Override
    TorchScript libtorch(RandomWeights weights, DType dtype, int batch) {
      return TorchVit.script(CONFIG, weights, dtype, batch);
    }

    @Override
    Recording densepure(WeightStore weights, DType dtype) {
      Vit net = Vit.load(weights, CONFIG);
      return (ops, in) -> net.logits(ops, in.get(0), dtype);
    }
  };

  private static final int IMAGE_SIZE = 32;
  private static final int VIT_IMAGE_SIZE = 224;

  /** Records a forward pass on inputs that are on the device. */
  interface Recording {
    Tensor record(Ops ops, List<Tensor> inputs);
  }

  /** The name on the command line: {@code unet-cifar10}, {@code wide-resnet-28-10}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * @throws IllegalArgumentException if there is no network of that label
   */
  static Network of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** The arguments of a forward pass, images as {@code [N, C, H, W]}; F32. */
  abstract List<HostTensor> inputs(int batch);

  /** Images {@code [N, H, W, C]} or logits {@code [N, classes]}. */
  abstract Shape outputShape(int batch);

  /** The network in TorchScript. Asks {@code weights} for every weight. */
  abstract TorchScript libtorch(RandomWeights weights, DType dtype, int batch);

  /** Our network. */
  abstract Recording densepure(WeightStore weights, DType dtype);

  private static HostTensor images(int batch, int size) {
    Shape shape = Shape.of(batch, 3, size, size);
    float[] values = RecipeWeights.uniform("benchmark:images", (int) shape.elements());
    return HostTensor.of("images", shape, values);
  }
}
