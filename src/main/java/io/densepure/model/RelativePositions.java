package io.densepure.model;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.PositionBias;
import io.densepure.compute.Shape;
import io.densepure.weights.WeightPath;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * BEiT's relative position bias ({@code timm/models/beit.py, gen_relative_position_index}): one
 * number per head for every offset between two patches, and three for the class token, which stands
 * before the patches.
 */
final class RelativePositions {
  /** From the class token to a patch, from a patch to the class token, from it to itself. */
  private static final int CLASS_TOKEN_ENTRIES = 3;

  private static final String TABLE = "relative_position_bias_table";
  private static final String INDEX = "relative_position_index";

  private final int entries;
  private final HostTensor index; // [T, T], shared by all blocks

  RelativePositions(int rows, int columns) {
    entries = entries(rows, columns);
    int[] values = index(rows, columns);
    int tokens = rows * columns + 1;
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(4, values.length)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(values);
    index = new HostTensor(INDEX, DType.I32, Shape.of(tokens, tokens), bytes);
  }

  /** Length of the table. */
  static int entries(int rows, int columns) {
    return (2 * rows - 1) * (2 * columns - 1) + CLASS_TOKEN_ENTRIES;
  }

  /** Which entry each pair of tokens uses, {@code [T, T]}. */
  static int[] index(int rows, int columns) {
    int entries = entries(rows, columns);
    int tokens = rows * columns + 1;
    int[] index = new int[tokens * tokens];
    Arrays.fill(index, 1, tokens, entries - 3);
    for (int query = 0; query < tokens - 1; query++) {
      int row = (query + 1) * tokens;
      index[row] = entries - 2;
      for (int key = 0; key < tokens - 1; key++) {
        int dy = query / columns - key / columns + rows - 1;
        int dx = query % columns - key % columns + columns - 1;
        index[row + 1 + key] = dy * (2 * columns - 1) + dx;
      }
    }
    index[0] = entries - 1;
    return index;
  }

  /**
   * The bias of one block, or of all of them.
   *
   * @throws InputException if the checkpoint's own index says something else
   */
  PositionBias load(WeightPath at, int heads) {
    HostTensor table = at.tensor(TABLE, entries, heads);
    if (at.has(INDEX)) {
      int tokens = index.shape().dim(0);
      HostTensor own = at.tensor(INDEX, tokens, tokens);
      if (own.dtype().isFloat() || !Arrays.equals(own.toLongs(), index.toLongs())) {
        throw InputException.of(
            "'%s' is not the index of relative positions that BEiT computes; the checkpoint is of"
                + " another network",
            own.name());
      }
    }
    return new PositionBias(transposed(table), index);
  }

  /** {@code [heads, entries]}. */
  private static HostTensor transposed(HostTensor table) {
    int entries = table.shape().dim(0);
    int heads = table.shape().dim(1);
    float[] from = table.toFloats();
    float[] to = new float[from.length];
    for (int i = 0; i < from.length; i++) {
      to[i % heads * entries + i / heads] = from[i];
    }
    return HostTensor.of(table.name() + " transposed", Shape.of(heads, entries), to);
  }
}
