package io.densepure.compute.cpu;

import io.densepure.compute.DType;
import io.densepure.compute.HalfFloats;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.bytedeco.javacpp.ShortPointer;

/**
 * A tensor's rows, of channels or longer ones, as floats, for operations in Java. Valid once memory
 * is placed.
 */
final class Rows {
  private final FloatBuffer floats; // null in 16 bits
  private final ShortBuffer halves;

  Rows(CpuTensor t) {
    boolean single = t.dtype() == DType.F32;
    floats = single ? t.floats() : null;
    halves =
        single ? null : new ShortPointer(t.storage().memory()).capacity(t.elements()).asBuffer();
  }

  /** Reads row {@code index}, which is as long as {@code row}. */
  void get(int index, float[] row) {
    int start = index * row.length;
    if (floats != null) {
      floats.get(start, row);
      return;
    }
    for (int i = 0; i < row.length; i++) {
      row[i] = HalfFloats.bf16ToFloat(halves.get(start + i));
    }
  }

  /** Writes row {@code index}, rounding to the tensor's dtype. */
  void put(int index, float[] row) {
    int start = index * row.length;
    if (floats != null) {
      floats.put(start, row);
      return;
    }
    for (int i = 0; i < row.length; i++) {
      halves.put(start + i, HalfFloats.floatToBf16(row[i]));
    }
  }
}
