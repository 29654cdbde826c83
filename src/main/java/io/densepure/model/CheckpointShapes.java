package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.Shape;
import io.densepure.weights.WeightStore;

/**
 * What a checkpoint's keys and shapes tell about a network.
 *
 * @param network what it is expected to be, for messages: "a ViT"
 */
record CheckpointShapes(WeightStore store, String network) {
  /** More blocks than any network has. */
  private static final int MAX_BLOCKS = 10_000;

  /** Channels per head of all published ViTs: 12 heads at 768, 16 at 1024. */
  private static final int USUAL_HEAD = 64;

  boolean has(String key) {
    return store.keys().contains(key);
  }

  /**
   * One extent of a tensor.
   *
   * @throws InputException if there is no such tensor of that rank, or it has no elements
   */
  int extent(String key, int rank, int axis) {
    if (!has(key)) {
      throw InputException.of("%s: not %s: no tensor '%s'", store.source(), network, key);
    }
    Shape shape = store.get(key).shape();
    if (shape.rank() != rank || shape.dim(axis) < 1) {
      throw InputException.of("%s: not %s: '%s' has shape %s", store.source(), network, key, shape);
    }
    return shape.dim(axis);
  }

  /** How many of {@code prefix0suffix, prefix1suffix …} there are. */
  int count(String prefix, String suffix) {
    int n = 0;
    while (n < MAX_BLOCKS && has(prefix + n + suffix)) {
      n++;
    }
    return n;
  }

  /**
   * The side of a square of {@code patches}.
   *
   * @throws InputException if they make no square
   */
  int side(int patches) {
    int side = (int) Math.round(Math.sqrt(patches));
    if (side * side != patches) {
      throw InputException.of(
          "%s: %s for images that are not square (%d patches), which its tensors do not describe",
          store.source(), network, patches);
    }
    return side;
  }

  /**
   * The number of heads.
   *
   * @param stated what the user says, or 0
   * @throws InputException if nothing tells it
   */
  int heads(int width, int stated) {
    if (stated > 0) {
      return stated;
    }
    if (width % USUAL_HEAD != 0) {
      throw InputException.of(
          "%s: %s whose %d channels do not tell the number of heads; state it as 'num_heads'",
          store.source(), network, width);
    }
    return width / USUAL_HEAD;
  }
}
