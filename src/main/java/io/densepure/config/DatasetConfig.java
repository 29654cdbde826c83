package io.densepure.config;

import io.densepure.Settings;
import java.io.Serializable;
import java.util.Set;

/**
 * Which images, and how large they are made.
 *
 * @param name as {@code Datasets} knows it
 * @param path file or folder, or null for the usual places
 * @param resize for pictures in files of any size: length of the shorter side
 * @param crop side of the square that is cut from their middle after that
 */
public record DatasetConfig(String name, String path, int resize, int crop)
    implements Serializable {
  /** The original's for ImageNet. */
  private static final int USUAL_SIDE = 256;

  private static final Set<String> KEYS = Set.of("name", "path", "resize", "crop");

  /**
   * @param s the section {@code dataset}
   * @param name that of the domain, if the section names none; may be null
   */
  static DatasetConfig from(Settings s, String name) {
    s.requireKnown("dataset", KEYS);
    int resize = s.integer("resize", USUAL_SIDE);
    return new DatasetConfig(
        s.text("name", name), s.path("path", null), resize, s.integer("crop", resize));
  }

  /** The same images elsewhere. */
  public DatasetConfig withPath(String elsewhere) {
    return new DatasetConfig(name, elsewhere, resize, crop);
  }
}
