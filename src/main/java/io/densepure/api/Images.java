package io.densepure.api;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A batch of images for a classifier.
 *
 * @param pixels {@code [count, channels, height, width]}, row after row: what was in [0, 1] before
 *     the noise and is mostly so again
 * @param count images: the same in every call, so that a network of fixed batch size will do
 * @param channels 1, or 3 for red, green and blue
 */
public record Images(float[] pixels, int count, int channels, int height, int width) {
  /** {@code {count, channels, height, width}}. */
  public long[] shape() {
    return new long[] {count, channels, height, width};
  }

  /** The same numbers as an ND4J array, {@code [count, channels, height, width]} float32. */
  public INDArray toArray() {
    return Nd4j.create(pixels, shape(), 'c');
  }
}
