package io.densepure.report;

import io.densepure.InputException;
import io.densepure.data.ImageDecoder;
import io.densepure.data.RgbImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Pictures inside a page, each once however often it is shown, up to a limit of bytes. Large ones
 * are thinned out by leaving pixels out, which unlike averaging does not make noise look weaker.
 */
final class EmbeddedPictures {
  static final int MAX_SIDE = 128;
  private static final int MAX_FILE = 16 << 20;
  private static final int MAX_PIXELS = 1 << 24;
  private static final String PREFIX = "data:image/png;base64,";

  private final long limit;
  private final List<String> uris = new ArrayList<>();
  private final Map<String, Integer> known = new HashMap<>();
  private long bytes;
  private int leftOut;
  private int thinned;

  /**
   * @param limit bytes of all pictures in the page
   */
  EmbeddedPictures(long limit) {
    this.limit = limit;
  }

  /** Its place in {@link #uris}, or null if there is no such picture or no room for it. */
  Integer add(Path png) {
    if (leftOut > 0) {
      leftOut += Files.isRegularFile(png) ? 1 : 0;
      return null;
    }
    BufferedImage image = read(png);
    if (image == null) {
      return null;
    }
    String uri = PREFIX + encode(shrink(image));
    Integer place = known.get(uri);
    if (place == null && bytes + uri.length() > limit) {
      leftOut++;
      return null;
    }
    if (place == null) {
      place = uris.size();
      uris.add(uri);
      known.put(uri, place);
      bytes += uri.length();
    }
    return place;
  }

  /** The pictures as data: URIs. */
  List<String> uris() {
    return uris;
  }

  /** Pictures for which there was no room. */
  int leftOut() {
    return leftOut;
  }

  /** Pictures of which pixels were left out. */
  int thinned() {
    return thinned;
  }

  private static BufferedImage read(Path png) {
    try {
      boolean there = Files.isRegularFile(png) && Files.size(png) <= MAX_FILE;
      return there ? toImage(ImageDecoder.decode(png, MAX_PIXELS)) : null;
    } catch (IOException | InputException e) {
      return null; // a page without a damaged picture is still a page
    }
  }

  private static BufferedImage toImage(RgbImage rgb) {
    BufferedImage image =
        new BufferedImage(rgb.width(), rgb.height(), BufferedImage.TYPE_3BYTE_BGR);
    byte[] pixels = rgb.pixels();
    for (int i = 0; i < pixels.length / 3; i++) {
      int red = pixels[3 * i] & 0xff;
      int green = pixels[3 * i + 1] & 0xff;
      int blue = pixels[3 * i + 2] & 0xff;
      image.setRGB(i % rgb.width(), i / rgb.width(), red << 16 | green << 8 | blue);
    }
    return image;
  }

  private BufferedImage shrink(BufferedImage image) {
    int side = Math.max(image.getWidth(), image.getHeight());
    int step = (side + MAX_SIDE - 1) / MAX_SIDE;
    if (step == 1) {
      return image;
    }
    thinned++;
    int width = (image.getWidth() + step - 1) / step;
    int height = (image.getHeight() + step - 1) / step;
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      small.setRGB(i % width, i / width, image.getRGB(i % width * step, i / width * step));
    }
    return small;
  }

  private static String encode(BufferedImage image) {
    try {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      ImageIO.write(image, "png", png);
      return Base64.getEncoder().encodeToString(png.toByteArray());
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail to be written", e);
    }
  }
}
