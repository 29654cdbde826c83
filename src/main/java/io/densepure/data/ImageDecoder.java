package io.densepure.data;

import io.densepure.InputException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes picture files as Pillow's {@code Image.open(file).convert("RGB")} does: colour profiles
 * and EXIF rotation are ignored, alpha is dropped, 16-bit gray is cut off at 255 and not scaled.
 * JPEGs come out as from libjpeg-turbo.
 */
public final class ImageDecoder {
  /** What Pillow calls a decompression bomb is twice this. */
  private static final long MAX_PIXELS = 89_478_485;

  private static final int BYTE_BITS = 8;
  private static final int SHORT_BITS = 16;

  private ImageDecoder() {}

  /**
   * Decodes the file's first picture.
   *
   * @throws InputException naming the file if it is missing, damaged, cut short, too large, or in a
   *     format that is not known
   */
  public static RgbImage decode(Path file) {
    return decode(file, MAX_PIXELS);
  }

  /**
   * As {@link #decode(Path)}, with another limit.
   *
   * @param maxPixels width times height at most
   */
  public static RgbImage decode(Path file, long maxPixels) {
    if (!Files.isRegularFile(file)) {
      throw InputException.of("%s: no such file", file);
    }
    try (ImageInputStream in = new FileImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw InputException.of(
            "%s: not a picture in a format known here (JPEG, PNG, BMP, GIF, TIFF)", file);
      }
      return decode(file, in, readers.next(), maxPixels);
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // Readers check little: damaged headers end in anything.
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      String line = reason.lines().findFirst().orElse("");
      throw new InputException(file + ": the picture is damaged: " + line, e);
    }
  }

  private static RgbImage decode(Path file, ImageInputStream in, ImageReader reader, long maxPixels)
      throws IOException {
    try {
      reader.addIIOReadWarningListener((source, warning) -> refuseIfCutShort(file, warning));
      reader.setInput(in, true, true);
      long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
      if (pixels > maxPixels) {
        throw InputException.of(
            "%s: is %d x %d, more than %d pixels",
            file, reader.getWidth(0), reader.getHeight(0), maxPixels);
      }
      return reader.getFormatName().toLowerCase(Locale.ROOT).equals("jpeg")
          ? JpegColors.of(file).toRgb(reader.readRaster(0, null))
          : toRgb(file, reader.read(0));
    } finally {
      reader.dispose();
    }
  }

  /** Readers fill up what is missing of a JPEG with gray and only warn. */
  private static void refuseIfCutShort(Path file, String warning) {
    String lower = warning.toLowerCase(Locale.ROOT);
    if (lower.contains("truncated") || lower.contains("premature end")) {
      throw InputException.of("%s: the picture is damaged: it ends early", file);
    }
  }

  private static RgbImage toRgb(Path file, BufferedImage image) {
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    int bits = raster.getSampleModel().getSampleSize(0);
    IndexColorModel palette = image.getColorModel() instanceof IndexColorModel model ? model : null;
    if (palette == null && bits != BYTE_BITS && bits != SHORT_BITS) {
      throw InputException.of("%s: pictures of %d bits a channel are not supported", file, bits);
    }
    int width = image.getWidth();
    byte[] out = new byte[3 * width * image.getHeight()];
    int[] samples = new int[width * bands];
    for (int y = 0; y < image.getHeight(); y++) { // line by line: integers take four times as much
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, samples);
      if (palette != null) {
        fromPalette(samples, palette, out, y * width);
      } else {
        fromChannels(samples, bits, bands, out, y * width);
      }
    }
    return new RgbImage(width, image.getHeight(), out);
  }

  private static void fromPalette(int[] samples, IndexColorModel palette, byte[] out, int start) {
    for (int i = 0; i < samples.length; i++) {
      put(
          out,
          start + i,
          palette.getRed(samples[i]),
          palette.getGreen(samples[i]),
          palette.getBlue(samples[i]));
    }
  }

  private static void fromChannels(int[] samples, int bits, int bands, byte[] out, int start) {
    for (int i = 0; i < samples.length / bands; i++) {
      int first = eightBits(samples[i * bands], bits, bands);
      boolean gray = bands < 3;
      put(
          out,
          start + i,
          first,
          gray ? first : eightBits(samples[i * bands + 1], bits, bands),
          gray ? first : eightBits(samples[i * bands + 2], bits, bands));
    }
  }

  /** Pillow keeps 16-bit gray as it is and clips it; of everything else it takes the upper byte. */
  private static int eightBits(int sample, int bits, int bands) {
    if (bits == BYTE_BITS) {
      return sample;
    }
    return bands == 1 ? Math.min(sample, 255) : sample >> BYTE_BITS;
  }

  static void put(byte[] rgb, int pixel, int red, int green, int blue) {
    rgb[3 * pixel] = (byte) red;
    rgb[3 * pixel + 1] = (byte) green;
    rgb[3 * pixel + 2] = (byte) blue;
  }
}
