package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.Settings;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.model.ImageClassifier;
import io.densepure.model.InputNormalization;
import io.densepure.model.WideResNet;
import io.densepure.model.WideResNetConfig;
import io.densepure.weights.WeightStore;
import java.util.Arrays;
import java.util.List;

/**
 * The classifier at the end of an end-to-end case, together with what the original's {@code
 * DensePure_Certify} and {@code Certify_Model} do to images before it.
 */
final class CaseClassifier {
  private static final List<Double> CIFAR10_MEAN = List.of(0.4914, 0.4822, 0.4465);
  private static final List<Double> CIFAR10_STD = List.of(0.2471, 0.2435, 0.2616);

  private final ImageClassifier network;
  private final InputNormalization normalization;

  private CaseClassifier(ImageClassifier network, InputNormalization normalization) {
    this.network = network;
    this.normalization = normalization;
  }

  /**
   * @param config of the classifier: {@code cls}, its constructor's arguments, and {@code mean} and
   *     {@code std} if they are not CIFAR-10's
   * @throws UnsupportedCase if there is no such network here
   */
  static CaseClassifier of(GoldenCase c, JsonNode config, WeightStore weights) {
    String kind = config.path("cls").asText();
    if (!kind.contains("Wide_ResNet")) {
      throw new UnsupportedCase("there is no classifier " + kind + " here");
    }
    Settings settings = c.settings(config);
    List<Double> mean = settings.numbers("mean", CIFAR10_MEAN);
    List<Double> std = settings.numbers("std", CIFAR10_STD);
    WideResNetConfig detected = WideResNetConfig.detect(weights);
    WideResNetConfig stated =
        new WideResNetConfig(
            config.path("depth").asInt(),
            config.path("widen_factor").asInt(),
            config.path("num_classes").asInt(detected.numClasses()),
            mean.size());
    return new CaseClassifier(WideResNet.load(weights, stated), new InputNormalization(mean, std));
  }

  /** The classifier of an end-to-end case. */
  static CaseClassifier ofEndToEnd(GoldenCase c) {
    JsonNode config = GoldenJson.need(c.config(), "classifier");
    return of(c, config, CaseWeights.of(c, "classifier"));
  }

  /** The bare network on images as they are. */
  Tensor bare(Ops ops, Tensor x, DType dtype) {
    return network.logits(ops, x, dtype);
  }

  /** Images in [0, 1], with or without noise: {@code Certify_Model.forward}. */
  Tensor ofPixels(Ops ops, Tensor x, DType dtype) {
    return network.logits(ops, normalization.apply(ops, x), dtype);
  }

  /** Purified images in [-1, 1]: the second half of {@code DensePure_Certify.forward}. */
  Tensor ofPurified(Ops ops, Tensor x, DType dtype) {
    return ofPixels(ops, ops.combine(0.5f, x, 0, null, 0.5f), dtype);
  }

  /** One of the paths above. */
  @FunctionalInterface
  interface Path {
    Tensor logits(Ops ops, Tensor x, DType dtype);
  }

  /**
   * Runs one batch.
   *
   * @param images {@code [N, C, H, W]} of {@code shape}
   * @return {@code [N, classes]}
   */
  float[] run(Trial trial, Path path, float[] images, Shape shape) {
    Device device = trial.device();
    Tensor x = device.allocate(DType.F32, Layout.channelsLast(shape));
    Tensor out = device.allocate(DType.F32, Shape.of(shape.dim(0), network.classes()));
    device.upload(x, Layout.channelsLast(images, shape));
    try (Program program =
        device.record(ops -> ops.assign(out, path.logits(ops, x, trial.dtype())))) {
      program.run();
      return device.downloadFloats(out);
    } finally {
      device.free(x);
      device.free(out);
    }
  }

  int classes() {
    return network.classes();
  }

  /** The label of each row: its largest score, the first one on a tie. */
  static long[] labels(float[] logits, int classes) {
    long[] labels = new long[logits.length / classes];
    for (int i = 0; i < labels.length; i++) {
      float[] row = Arrays.copyOfRange(logits, i * classes, (i + 1) * classes);
      for (int k = 1; k < classes; k++) {
        labels[i] = row[k] > row[(int) labels[i]] ? k : labels[i];
      }
    }
    return labels;
  }
}
