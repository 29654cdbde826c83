package io.densepure.data;

import io.densepure.InputException;
import java.awt.image.Raster;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the samples of a JPEG file mean, by libjpeg's rules (jdapimin.c, default_decompress_parms),
 * and their conversion to RGB in libjpeg's fixed-point arithmetic. Colour profiles play no part in
 * it.
 *
 * @param adobe whether there is an Adobe marker; CMYK is stored inverted then
 * @param transform the marker's: 0 for RGB or CMYK, 1 for YCbCr, 2 for YCCK
 * @param jfif whether there is a JFIF marker, which means YCbCr
 * @param letters whether the components are called R, G and B
 */
record JpegColors(boolean adobe, int transform, boolean jfif, boolean letters) {
  private static final int START_OF_IMAGE = 0xFFD8;
  private static final int START_OF_SCAN = 0xDA;
  private static final int END_OF_IMAGE = 0xD9;
  private static final int APP0 = 0xE0;
  private static final int APP14 = 0xEE;
  private static final int ADOBE_LENGTH = 12;
  private static final int YCCK = 2;
  private static final int HALF = 1 << 15;

  /** Reads the markers before the first scan. */
  static JpegColors of(Path file) throws IOException {
    try (InputStream raw = Files.newInputStream(file);
        DataInputStream in = new DataInputStream(new BufferedInputStream(raw))) {
      if (in.readUnsignedShort() != START_OF_IMAGE) {
        throw InputException.of("%s: not a JPEG", file);
      }
      return read(in);
    } catch (EOFException e) {
      throw new InputException(file + ": the picture is damaged: it ends early", e);
    }
  }

  private static JpegColors read(DataInputStream in) throws IOException {
    JpegColors colors = new JpegColors(false, 0, false, false);
    for (int marker = next(in); marker != START_OF_SCAN; marker = next(in)) {
      if (marker == END_OF_IMAGE) {
        throw new EOFException();
      }
      byte[] body = new byte[Math.max(0, in.readUnsignedShort() - 2)];
      in.readFully(body);
      colors = colors.with(marker, body);
    }
    return colors;
  }

  /** Skips what lies between segments. */
  private static int next(DataInputStream in) throws IOException {
    int marker = 0;
    while (marker == 0) {
      while (in.readUnsignedByte() != 0xFF) {}
      do {
        marker = in.readUnsignedByte();
      } while (marker == 0xFF);
    }
    return marker;
  }

  private JpegColors with(int marker, byte[] body) {
    if (marker == APP0 && startsWith(body, "JFIF\0")) {
      return new JpegColors(adobe, transform, true, letters);
    } else if (marker == APP14 && body.length >= ADOBE_LENGTH && startsWith(body, "Adobe")) {
      return new JpegColors(true, body[ADOBE_LENGTH - 1] & 0xff, jfif, letters);
    } else if (isFrame(marker) && body.length >= 15) {
      boolean named = body[6] == 'R' && body[9] == 'G' && body[12] == 'B';
      return new JpegColors(adobe, transform, jfif, named);
    }
    return this;
  }

  private static boolean startsWith(byte[] body, String text) {
    byte[] prefix = text.getBytes(StandardCharsets.US_ASCII);
    return body.length >= prefix.length
        && new String(body, 0, prefix.length, StandardCharsets.US_ASCII).equals(text);
  }

  /** SOF0 to SOF15, without the tables that share their numbers. */
  private static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }

  private boolean isYcc(int bands) {
    if (bands == 4) {
      return adobe && transform == YCCK;
    }
    return jfif || (adobe ? transform != 0 : !letters);
  }

  /**
   * Converts samples as the decoder left them.
   *
   * @param raster one band of gray, three of YCbCr or RGB, or four of CMYK or YCCK
   */
  RgbImage toRgb(Raster raster) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    boolean ycc = isYcc(bands);
    byte[] out = new byte[3 * width * height];
    int[] samples = new int[width * bands];
    int[] color = new int[3];
    for (int i = 0; i < width * height; i++) {
      int x = i % width;
      if (x == 0) { // line by line: integers take four times as much
        raster.getPixels(0, i / width, width, 1, samples);
      }
      for (int c = 0; c < 3; c++) {
        color[c] = samples[x * bands + (bands < 3 ? 0 : c)];
      }
      if (bands >= 3 && ycc) {
        yccToRgb(color);
      }
      if (bands == 4) {
        blacken(color, samples[x * 4 + 3]);
      }
      ImageDecoder.put(out, i, color[0], color[1], color[2]);
    }
    return new RgbImage(width, height, out);
  }

  /** jdcolor.c, ycc_rgb_convert. */
  private static void yccToRgb(int[] color) {
    int y = color[0];
    int cb = color[1] - 128;
    int cr = color[2] - 128;
    color[0] = clip(y + ((91881 * cr + HALF) >> 16));
    color[1] = clip(y + ((-22554 * cb - 46802 * cr + HALF) >> 16));
    color[2] = clip(y + ((116130 * cb + HALF) >> 16));
  }

  /**
   * Pillow's Convert.c, cmyk2rgb. Adobe's files hold what is left of the light, others the ink;
   * after the conversion from YCCK it is the light, too.
   */
  private void blacken(int[] color, int k) {
    int light = adobe ? k : 255 - k;
    for (int c = 0; c < 3; c++) {
      int ink = adobe ? 255 - color[c] : color[c];
      int product = ink * light + 128;
      color[c] = clip(light - (((product >> 8) + product) >> 8));
    }
  }

  private static int clip(int v) {
    return Math.max(0, Math.min(255, v));
  }
}
