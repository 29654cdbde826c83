package io.densepure.compute;

import java.util.Arrays;
import java.util.StringJoiner;

/**
 * The extents of a dense row-major tensor, outermost first. Images on a device are {@code [N, H, W,
 * C]}, token sequences {@code [N, T, C]}, vectors {@code [N, C]}: channels are always last.
 */
public final class Shape {
  private final int[] dims;

  private Shape(int[] dims) {
    this.dims = dims;
  }

  /**
   * @throws IllegalArgumentException if an extent is negative
   */
  public static Shape of(int... dims) {
    for (int d : dims) {
      if (d < 0) {
        throw new IllegalArgumentException("negative extent in " + Arrays.toString(dims));
      }
    }
    return new Shape(dims.clone());
  }

  public int rank() {
    return dims.length;
  }

  /**
   * The extent of axis {@code axis}; negative counts from the end, so {@code dim(-1)} is the
   * channels.
   */
  public int dim(int axis) {
    return dims[axis < 0 ? dims.length + axis : axis];
  }

  /** The product of all extents; 1 for a scalar. */
  public long elements() {
    long n = 1;
    for (int d : dims) {
      n = Math.multiplyExact(n, (long) d);
    }
    return n;
  }

  /** The product of all extents but the last: how many channel vectors there are. */
  public long rows() {
    return dims.length == 0 ? 1 : elements() / Math.max(1, dim(-1));
  }

  /** The same shape with the last extent replaced. */
  public Shape withChannels(int channels) {
    int[] d = dims.clone();
    d[d.length - 1] = channels;
    return new Shape(d);
  }

  public int[] toArray() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As {@code [8, 32, 32, 3]}. */
  @Override
  public String toString() {
    StringJoiner j = new StringJoiner(", ", "[", "]");
    for (int d : dims) {
      j.add(Integer.toString(d));
    }
    return j.toString();
  }
}
