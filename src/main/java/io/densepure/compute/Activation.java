package io.densepure.compute;

/** Pointwise functions that other operations can apply to their result. */
public enum Activation {
  NONE,
  /** max(x, 0); NaN stays NaN. */
  RELU,
  /** x · sigmoid(x). */
  SILU,
  /** The exact GELU, x/2 · (1 + erf(x/√2)). */
  GELU
}
