package io.densepure.convert.pickle;

import java.util.List;

/** The arguments of a call in a pickle, with types. */
public final class Arguments {
  /** No array of PyTorch or NumPy has more dimensions. */
  static final int MAX_RANK = 64;

  private final GlobalRef callee;
  private final List<Object> values;
  private final Budget budget;

  Arguments(GlobalRef callee, List<Object> values, Budget budget) {
    this.callee = callee;
    this.values = values;
    this.budget = budget;
  }

  public GlobalRef callee() {
    return callee;
  }

  public List<Object> values() {
    return values;
  }

  public int size() {
    return values.size();
  }

  /** To be called before copying so many bytes, see {@link Budget}. */
  void copyingBytes(int count) {
    budget.copyBytes(count);
  }

  /** To be called before copying so many elements of a collection. */
  void copyingElements(int count) {
    budget.operations(count);
  }

  /**
   * @throws IllegalArgumentException if there is no such argument or it is of another type
   */
  public <T> T get(int index, Class<T> type) {
    if (index >= values.size() || !type.isInstance(values.get(index))) {
      throw new IllegalArgumentException(
          "argument " + index + " of " + name() + " is missing or of the wrong type");
    }
    return type.cast(values.get(index));
  }

  public long integer(int index) {
    return get(index, Long.class);
  }

  public List<?> list(int index) {
    return get(index, List.class);
  }

  public String string(int index) {
    return get(index, String.class);
  }

  /** A tuple of integers: a size, strides. */
  public long[] integers(int index) {
    List<?> list = list(index);
    if (list.size() > MAX_RANK) {
      throw new IllegalArgumentException(
          "argument " + index + " of " + name() + " has " + list.size() + " values");
    }
    long[] out = new long[list.size()];
    for (int i = 0; i < out.length; i++) {
      if (!(list.get(i) instanceof Long value)) {
        throw new IllegalArgumentException(
            "argument " + index + " of " + name() + " is no tuple of integers");
      }
      out[i] = value;
    }
    return out;
  }

  /** Argument {@code index} as the arguments of another call. */
  @SuppressWarnings("unchecked") // lists of a pickle hold anything
  public Arguments nested(int index) {
    return new Arguments(callee, (List<Object>) list(index), budget);
  }

  private String name() {
    return callee.qualified();
  }
}
