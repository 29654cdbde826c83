package io.densepure.convert;

import io.densepure.compute.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Puts the elements of a strided view (transposed, sliced, expanded) in C order. */
final class StridedCopy {
  private final ByteBuffer from;
  private final ByteBuffer to;
  private final TensorRef tensor;
  private final int elementBytes;

  private StridedCopy(TensorRef tensor, ByteBuffer run) {
    this.from = run;
    this.tensor = tensor;
    DType dtype = tensor.dtype();
    this.elementBytes = dtype.bytes();
    this.to = ByteBuffer.allocate((int) tensor.bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * @param run the whole run of the tensor's storage
   */
  static ByteBuffer inOrder(TensorRef tensor, ByteBuffer run) {
    StridedCopy copy = new StridedCopy(tensor, run.order(ByteOrder.LITTLE_ENDIAN));
    copy.axis(0, tensor.offset() * copy.elementBytes);
    return copy.to.flip();
  }

  private void axis(int axis, long position) {
    long step = tensor.stride(axis) * elementBytes;
    int extent = tensor.shape().dim(axis);
    if (axis < tensor.shape().rank() - 1) {
      for (int i = 0; i < extent; i++) {
        axis(axis + 1, position + i * step);
      }
    } else {
      for (int i = 0; i < extent; i++) {
        element((int) (position + i * step));
      }
    }
  }

  private void element(int position) {
    switch (elementBytes) {
      case 8 -> to.putLong(from.getLong(position));
      case 4 -> to.putInt(from.getInt(position));
      case 2 -> to.putShort(from.getShort(position));
      default -> to.put(from.get(position));
    }
  }
}
