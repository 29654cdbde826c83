package io.densepure.compute;

/**
 * The scalars of one reverse step, looked up in float64 tables and rounded to float32 once, as the
 * original does ({@code gaussian_diffusion.py, _extract_into_tensor}). All lanes of a batch share
 * them.
 *
 * @param sqrtRecipAlphaBar √(1/ᾱ): x_0 = sqrtRecipAlphaBar·x − sqrtRecipM1AlphaBar·ε. A model that
 *     predicts x_0 itself uses 0 here and −1 for the next
 * @param sqrtRecipM1AlphaBar √(1/ᾱ − 1)
 * @param posteriorMeanCoef1 weight of x_0 in the mean
 * @param posteriorMeanCoef2 weight of x in the mean
 * @param maxLogVariance log β; for a fixed variance the log variance itself
 * @param minLogVariance clipped posterior log variance; for a fixed variance the log variance
 *     itself
 * @param noiseScale 1, or 0 at the last step, where no noise is added
 */
public record DdpmCoefficients(
    float sqrtRecipAlphaBar,
    float sqrtRecipM1AlphaBar,
    float posteriorMeanCoef1,
    float posteriorMeanCoef2,
    float maxLogVariance,
    float minLogVariance,
    float noiseScale) {
  /** Elements of the device tensor that carries these. */
  public static final int LENGTH = 8;

  /**
   * In declaration order, padded to {@link #LENGTH}: the contents of the tensor that {@link
   * Ops#ddpmStep} reads.
   */
  public float[] toArray() {
    return new float[] {
      sqrtRecipAlphaBar,
      sqrtRecipM1AlphaBar,
      posteriorMeanCoef1,
      posteriorMeanCoef2,
      maxLogVariance,
      minLogVariance,
      noiseScale,
      0f
    };
  }
}
