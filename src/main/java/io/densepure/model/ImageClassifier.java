package io.densepure.model;

import io.densepure.compute.DType;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;

/** A network from prepared images to class scores. */
public interface ImageClassifier {
  int classes();

  /** Channels of the images it takes. */
  int channels();

  /**
   * Records one forward pass.
   *
   * @param x {@code [N, H, W, C]} {@code F32}, already normalised as the network was trained
   * @param dtype what activations are stored as inside the network
   * @return logits, {@code [N, classes]} {@code F32}
   */
  Tensor logits(Ops ops, Tensor x, DType dtype);
}
