package io.densepure.diffusion;

/** Where the variance of a reverse step comes from ({@code ModelVarType}). */
public enum VarianceType {
  /** The model interpolates, in the logarithm, between the two below. */
  LEARNED_RANGE,
  /** The posterior's variance given x_0. */
  FIXED_SMALL,
  /** β. */
  FIXED_LARGE
}
