package io.densepure.convert.pickle;

/** Something that a pickle gives its state after it was made, as {@code __setstate__} would. */
public interface Buildable {
  /**
   * @throws IllegalArgumentException saying what is wrong with the state
   */
  void build(Object state);
}
