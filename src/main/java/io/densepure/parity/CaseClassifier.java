package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.compute.DType;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.model.ImageClassifier;
import io.densepure.model.Preprocessing;
import io.densepure.weights.WeightStore;
import java.util.Arrays;

/**
 * The classifier at the end of an end-to-end case, together with what the original's {@code
 * DensePure_Certify} and {@code Certify_Model} do to images before it.
 */
final class CaseClassifier {
  private final ImageClassifier network;
  private final Preprocessing preprocessing;

  private CaseClassifier(ImageClassifier network, Preprocessing preprocessing) {
    this.network = network;
    this.preprocessing = preprocessing;
  }

  /**
   * @param config of the classifier: {@code cls}, its constructor's arguments, and {@code mean} and
   *     {@code std} if they are not the usual ones
   * @throws UnsupportedCase if there is no such network here
   */
  static CaseClassifier of(GoldenCase c, JsonNode config, WeightStore weights) {
    return new CaseClassifier(CaseNetworks.load(config, weights), CasePreprocessing.of(c, config));
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
    return network.logits(ops, preprocessing.ofPixels(ops, x), dtype);
  }

  /** Purified images in [-1, 1]: the second half of {@code DensePure_Certify.forward}. */
  Tensor ofPurified(Ops ops, Tensor x, DType dtype) {
    return network.logits(ops, preprocessing.ofPurified(ops, x), dtype);
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
    return DeviceImages.run(
        trial.device(),
        images,
        shape,
        Shape.of(shape.dim(0), network.classes()),
        (ops, x) -> path.logits(ops, x, trial.dtype()));
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
