package io.densepure.data;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Labelled test images of one size. Indices are those of the original data set, as the paper's
 * sample ids.
 */
public interface Dataset {
  String name();

  int size();

  /** Class names in label order. */
  List<String> classNames();

  int channels();

  int height();

  int width();

  /**
   * Image {@code index}: {@code [C, H, W]} float32 in [0, 1].
   *
   * @throws io.densepure.InputException naming the image's file if that is missing or damaged
   */
  INDArray image(int index);

  /** Its class, in [0, classNames().size()). */
  int label(int index);
}
