package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.Shape;

/**
 * How images are cut into square patches, row by row.
 *
 * @param rows of patches
 * @param columns of patches
 * @param patch height and width of each, in pixels
 * @param channels of the images
 */
public record PatchGrid(int rows, int columns, int patch, int channels) {
  private static final int MAX_EXTENT = 1 << 12;

  /** Larger sequences would need gigabytes for tables of their pairs. */
  private static final int MAX_PATCHES = 1 << 13;

  /**
   * @throws InputException if there is no such grid
   */
  public PatchGrid {
    boolean valid = (long) rows * columns <= MAX_PATCHES;
    for (int extent : new int[] {rows, columns, patch, channels}) {
      valid &= extent >= 1 && extent <= MAX_EXTENT;
    }
    if (!valid) {
      throw InputException.of(
          "images of %d channels cannot be cut into %d x %d patches of %d pixels",
          channels, rows, columns, patch);
    }
  }

  /** Patches of one image. */
  int patches() {
    return rows * columns;
  }

  /**
   * @param images {@code [N, H, W, C]}
   * @throws InputException if they are not as large as this grid
   */
  void check(Shape images) {
    if (images.dim(1) != rows * patch || images.dim(2) != columns * patch) {
      throw InputException.of(
          "images of %d x %d do not fit this network, which is made for %d x %d",
          images.dim(1), images.dim(2), rows * patch, columns * patch);
    }
  }
}
