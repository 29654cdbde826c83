package io.densepure.data;

import io.densepure.InputException;
import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A data set held in memory as bytes; a pixel's value is its byte divided by 255. */
final class ByteImages implements Dataset {
  private final String name;
  private final List<String> classNames;
  private final int channels;
  private final int height;
  private final int width;
  private final byte[] pixels; // [N, C, H, W]
  private final int[] labels; // [N]

  /**
   * @param source the file, for error messages
   * @param pixels [N, C, H, W], where N is the number of labels
   * @throws InputException if a label has no class name
   */
  ByteImages(
      String name,
      String source,
      List<String> classNames,
      int channels,
      int height,
      int width,
      byte[] pixels,
      int[] labels) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classNames.size()) {
        throw InputException.of(
            "%s: the label of image %d is %d, but there are %d classes",
            source, i, labels[i], classNames.size());
      }
    }
    if (pixels.length != (long) labels.length * channels * height * width) {
      throw InputException.of(
          "%s: %d bytes of pixels for %d labels", source, pixels.length, labels.length);
    }
    this.name = name;
    this.classNames = classNames.stream().map(InputException::printable).toList();
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.pixels = pixels;
    this.labels = labels;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public INDArray image(int index) {
    Objects.checkIndex(index, labels.length);
    float[] values = new float[channels * height * width];
    int from = index * values.length;
    for (int i = 0; i < values.length; i++) {
      values[i] = (pixels[from + i] & 0xff) / 255f;
    }
    return Nd4j.createFromArray(values).reshape(channels, height, width);
  }

  @Override
  public int label(int index) {
    return labels[index];
  }
}
