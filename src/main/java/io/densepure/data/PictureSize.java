package io.densepure.data;

/**
 * How large pictures are made.
 *
 * @param resize length of the shorter side, before cropping
 * @param crop both sides of the square that is cut from the middle
 */
public record PictureSize(int resize, int crop) {
  /** The original's for ImageNet. */
  public static final PictureSize IMAGENET = new PictureSize(256, 256);
}
