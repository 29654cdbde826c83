package io.densepure.pipeline;

import io.densepure.compute.Shape;

/** A classifier that is not one of ours: a caller's code, on the host. */
@FunctionalInterface
public interface HostClassifier {
  /**
   * @param images {@code [N, C, H, W]}, mostly in [0, 1]
   * @param shape N, C, H, W; N is the same in every call
   * @return {@code [N][classes]}: a row of scores for each image, of which the largest wins
   */
  float[][] logits(float[] images, Shape shape);
}
