package io.densepure.data;

import io.densepure.InputException;
import io.densepure.compute.AxisFilter;

/**
 * A picture of three bytes a pixel, and the transforms that torchvision makes of Pillow's.
 *
 * @param pixels {@code [height, width, 3]}
 */
public record RgbImage(int width, int height, byte[] pixels) {
  private static final int CHANNELS = 3;

  /** Times the largest shorter side, 4096, and three bytes it is still an array. */
  private static final int MAX_SIDE = 1 << 17;

  public RgbImage {
    if (width < 1 || height < 1 || pixels.length != CHANNELS * (long) width * height) {
      throw new IllegalArgumentException(
          pixels.length + " bytes for a picture of " + width + " x " + height);
    }
  }

  /**
   * torchvision's {@code Resize(side)} with bicubic interpolation: the shorter side becomes {@code
   * side}, the other one keeps the proportions, rounded down.
   *
   * @throws InputException without the file's name if the other one would become extremely long
   */
  public RgbImage shortSide(int side) {
    long longSide = (long) side * Math.max(width, height) / Math.min(width, height);
    if (longSide > MAX_SIDE) {
      throw InputException.of(
          "is %d x %d, too narrow to make its shorter side %d", width, height, side);
    }
    return shortSide(side, (int) longSide);
  }

  private RgbImage shortSide(int side, int longSide) {
    return width <= height ? resize(side, longSide) : resize(longSide, side);
  }

  /** Pillow's {@code Image.resize} with its bicubic filter, which antialiases; to the last bit. */
  public RgbImage resize(int newWidth, int newHeight) {
    if (newWidth == width && newHeight == height) {
      return this;
    }
    AxisFilter columns = AxisFilter.pillowBicubic(width, newWidth);
    byte[] wide = new byte[CHANNELS * newWidth * height];
    for (int i = 0; i < wide.length; i++) {
      int row = i / (CHANNELS * newWidth) * width * CHANNELS;
      int column = i / CHANNELS % newWidth;
      wide[i] = sum(pixels, row + i % CHANNELS, CHANNELS, columns, column);
    }
    AxisFilter rows = AxisFilter.pillowBicubic(height, newHeight);
    int stride = CHANNELS * newWidth;
    byte[] out = new byte[stride * newHeight];
    for (int i = 0; i < out.length; i++) {
      out[i] = sum(wide, i % stride, stride, rows, i / stride);
    }
    return new RgbImage(newWidth, newHeight, out);
  }

  /** The weighted sum for output coordinate {@code o} of one line of bytes. */
  private static byte sum(byte[] line, int from, int stride, AxisFilter filter, int o) {
    int sum = 0;
    for (int k = 0; k < filter.taps(); k++) {
      int value = line[from + filter.source(o, k) * stride] & 0xff;
      sum += value * (int) filter.weight(o, k);
    }
    return (byte) AxisFilter.toByte(sum);
  }

  /**
   * torchvision's {@code CenterCrop(side)}; halves of a pixel go to the even neighbour, as Python
   * rounds.
   *
   * @param side at most either side
   */
  public RgbImage centerCrop(int side) {
    int top = (int) Math.rint((height - side) / 2.0);
    int left = (int) Math.rint((width - side) / 2.0);
    byte[] out = new byte[CHANNELS * side * side];
    for (int y = 0; y < side; y++) {
      System.arraycopy(
          pixels, ((top + y) * width + left) * CHANNELS, out, y * side * CHANNELS, side * CHANNELS);
    }
    return new RgbImage(side, side, out);
  }

  /** {@code ToTensor}: {@code [3, height, width]}, bytes divided by 255. */
  public float[] toTensor() {
    int plane = width * height;
    float[] out = new float[CHANNELS * plane];
    for (int i = 0; i < out.length; i++) {
      out[i] = (pixels[i % plane * CHANNELS + i / plane] & 0xff) / 255f;
    }
    return out;
  }
}
