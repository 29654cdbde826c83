package io.densepure.convert;

import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import io.densepure.convert.pickle.Buildable;
import io.densepure.weights.MappedFile;
import java.util.Arrays;

/**
 * A tensor of a checkpoint: a strided view of a storage, checked to lie inside it. Nothing is read
 * before it is asked for.
 */
final class TensorRef implements Buildable {
  private final StorageRef storage;
  private final DType dtype;
  private final long offset;
  private final Shape shape;
  private final long[] strides;

  /**
   * @param dtype that of the storage, or another one over an untyped storage
   * @param offset first element, from the start of the storage
   * @param strides in elements, one for each dimension
   * @throws IllegalArgumentException if part of the view is outside the storage, or the tensor
   *     takes more bytes than one array may have here
   */
  TensorRef(StorageRef storage, DType dtype, long offset, long[] size, long[] strides) {
    if (size.length != strides.length) {
      throw new IllegalArgumentException(
          "a tensor of " + size.length + " dimensions has " + strides.length + " strides");
    }
    this.storage = storage;
    this.dtype = dtype;
    this.strides = strides;
    this.shape = checkedShape(dtype, size);
    try {
      this.offset = Math.addExact(storage.first(), offset);
      checkInside(offset);
    } catch (ArithmeticException e) {
      throw outside();
    }
  }

  private static Shape checkedShape(DType dtype, long[] size) {
    long bytes = dtype.bytes();
    int[] dims = new int[size.length];
    for (int axis = 0; axis < dims.length; axis++) {
      long extent = size[axis];
      if (extent < 0 || extent > Integer.MAX_VALUE || bytes > MappedFile.MAX_SLICE) {
        throw impossibleSize(size);
      }
      dims[axis] = (int) extent;
      bytes *= extent;
    }
    if (bytes > MappedFile.MAX_SLICE) {
      throw impossibleSize(size);
    }
    return Shape.of(dims);
  }

  private static IllegalArgumentException impossibleSize(long[] size) {
    return new IllegalArgumentException(
        "a tensor of size "
            + Arrays.toString(size)
            + " is impossible, or more than the 2 GiB supported for one tensor");
  }

  private void checkInside(long viewOffset) {
    boolean inside = viewOffset >= 0;
    long last = viewOffset;
    for (int axis = 0; axis < strides.length; axis++) {
      inside &= strides[axis] >= 0;
      last = Math.addExact(last, Math.multiplyExact(strides[axis], shape.dim(axis) - 1L));
    }
    long bytesNeeded =
        shape.elements() == 0 ? 0 : Math.multiplyExact(Math.addExact(last, 1), dtype.bytes());
    if (!inside || bytesNeeded > storage.elements() * storage.dtype().bytes()) {
      throw outside();
    }
  }

  private IllegalArgumentException outside() {
    return new IllegalArgumentException(
        String.format(
            "a tensor of size %s reaches outside its storage of %d elements",
            shape, storage.elements()));
  }

  StorageRef storage() {
    return storage;
  }

  DType dtype() {
    return dtype;
  }

  /** The first element, counted from the start of the whole run. */
  long offset() {
    return offset;
  }

  Shape shape() {
    return shape;
  }

  /** In elements. */
  long stride(int axis) {
    return strides[axis];
  }

  /** What the tensor takes when its elements lie one after the other. */
  long bytes() {
    return shape.elements() * dtype.bytes();
  }

  /** Whether the elements lie in C order without gaps. */
  boolean isContiguous() {
    long expected = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      int extent = shape.dim(axis);
      if (extent != 1 && strides[axis] != expected) {
        return shape.elements() == 0;
      }
      expected *= extent;
    }
    return true;
  }

  /** Old parameters come with flags of autograd, which are of no use here. */
  @Override
  public void build(Object autogradFlags) {}
}
