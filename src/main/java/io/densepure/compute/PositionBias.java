package io.densepure.compute;

/**
 * What attention adds to its scores for where two tokens lie (BEiT's relative position bias, Bao et
 * al. 2021): {@code bias[h, i, j] = table[h, index[i, j]]}. Devices look it up as they go, since
 * all of it would be hundreds of times larger than the table.
 *
 * @param table {@code [heads, K]}
 * @param index {@code [T, T]}, integers in [0, K); query first, then key
 */
public record PositionBias(HostTensor table, HostTensor index) {
  /**
   * @throws IllegalArgumentException if shapes, dtypes or indices do not fit
   */
  public PositionBias {
    Shape t = table.shape();
    Shape i = index.shape();
    if (t.rank() != 2 || !table.dtype().isFloat()) {
      throw new IllegalArgumentException(table + " is no table of numbers [heads, K]");
    }
    if (i.rank() != 2 || i.dim(0) != i.dim(1) || index.dtype().isFloat()) {
      throw new IllegalArgumentException(index + " is no table of integers [T, T]");
    }
    for (long entry : index.toLongs()) {
      if (entry < 0 || entry >= t.dim(1)) {
        throw new IllegalArgumentException(index + " holds " + entry + ", outside of " + table);
      }
    }
  }

  public int heads() {
    return table.shape().dim(0);
  }

  public int tokens() {
    return index.shape().dim(0);
  }
}
