package io.densepure.api;

import java.util.function.Function;

/**
 * An image classifier that DensePure is to certify: any code that scores images. It must be a
 * function of each image alone, whatever else is in the batch, and resize and normalise images
 * itself if it needs to. It is called by one thread at a time.
 */
@FunctionalInterface
public interface Classifier {
  /**
   * Scores of each image for each class; the class with the largest one is the image's label, the
   * first of them on a tie.
   *
   * @return {@code [images.count()][classes]}: as many classes in every call, at least two
   */
  float[][] logits(Images images);

  /**
   * A classifier that only gives labels.
   *
   * @param classes how many there are
   * @param labels gives a label in [0, classes) for each image of a batch
   */
  static Classifier ofLabels(int classes, Function<Images, int[]> labels) {
    return images -> {
      int[] given = labels.apply(images);
      float[][] rows = new float[given.length][classes];
      for (int i = 0; i < given.length; i++) {
        rows[i][given[i]] = 1;
      }
      return rows;
    };
  }
}
