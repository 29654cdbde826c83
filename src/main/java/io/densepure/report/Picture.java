package io.densepure.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/**
 * Pixels to look at.
 *
 * @param pixels {@code [C, H, W]} in [0, 1], values outside are clipped; C is 1 or 3
 */
public record Picture(float[] pixels, int channels, int height, int width) {

  /** Eight bits a channel, rounded to nearest; gray as equal red, green and blue. */
  BufferedImage toImage() {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int plane = height * width;
    for (int i = 0; i < plane; i++) {
      int rgb = 0;
      for (int c = 0; c < 3; c++) {
        float v = pixels[Math.min(c, channels - 1) * plane + i];
        rgb = rgb << 8 | Math.round(255 * Math.max(0f, Math.min(1f, v)));
      }
      image.setRGB(i % width, i / width, rgb);
    }
    return image;
  }

  /** Writes it as PNG, pixel by pixel. */
  public void write(Path png) throws IOException {
    ImageIO.write(toImage(), "png", png.toFile());
  }

  /**
   * Peak signal-to-noise ratio in dB, of values in [0, 1]: −10·log10 of the mean squared
   * difference.
   */
  public double psnr(Picture truth) {
    double squares = 0;
    for (int i = 0; i < pixels.length; i++) {
      double d = pixels[i] - truth.pixels[i];
      squares += d * d;
    }
    return -10 * Math.log10(squares / pixels.length);
  }
}
