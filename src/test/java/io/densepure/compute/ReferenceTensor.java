package io.densepure.compute;

/** Floats (rounded to the dtype whenever one is stored) or ints in a Java array. */
final class ReferenceTensor implements Tensor {
  final float[] floats;
  final int[] ints;
  private final DType dtype;
  private final Shape shape;
  private final Object owner;

  /**
   * @param owner the device of a persistent tensor, the operations of an intermediate one
   */
  ReferenceTensor(DType dtype, Shape shape, Object owner) {
    this(
        dtype,
        shape,
        owner,
        dtype == DType.I32 ? null : new float[Math.toIntExact(shape.elements())],
        dtype == DType.I32 ? new int[Math.toIntExact(shape.elements())] : null);
  }

  private ReferenceTensor(DType dtype, Shape shape, Object owner, float[] floats, int[] ints) {
    this.dtype = dtype;
    this.shape = shape;
    this.owner = owner;
    this.floats = floats;
    this.ints = ints;
  }

  /** The same array under another shape. */
  ReferenceTensor view(Shape other) {
    return new ReferenceTensor(dtype, other, owner, floats, ints);
  }

  float get(int index) {
    return floats[index];
  }

  void set(int index, double value) {
    floats[index] = HalfFloats.round((float) value, dtype);
  }

  void copyFrom(ReferenceTensor other) {
    if (ints != null) {
      System.arraycopy(other.ints, 0, ints, 0, ints.length);
    } else {
      System.arraycopy(other.floats, 0, floats, 0, floats.length);
    }
  }

  Object owner() {
    return owner;
  }

  /** The array, which views share. */
  Object storage() {
    return ints == null ? floats : ints;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public DType dtype() {
    return dtype;
  }
}
