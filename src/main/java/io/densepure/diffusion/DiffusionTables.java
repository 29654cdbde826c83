package io.densepure.diffusion;

/**
 * The tables of a Gaussian diffusion in float64, under the original's names ({@code
 * gaussian_diffusion.py, GaussianDiffusion.__init__}). Entry t is about the step from x_t to
 * x_{t-1}. Zero or repeated noise levels give infinities and NaN, as in the original.
 */
public final class DiffusionTables {
  /** No β is larger in schedules made from ᾱ. */
  private static final double MAX_BETA = 0.999;

  private final double[] betas;
  private final double[] alphasCumprod;
  private final double[] alphasCumprodPrev;
  private final double[] posteriorVariance;

  private DiffusionTables(double[] betas) {
    int n = betas.length;
    this.betas = betas;
    alphasCumprod = new double[n];
    alphasCumprodPrev = new double[n];
    posteriorVariance = new double[n];
    double product = 1;
    for (int t = 0; t < n; t++) {
      alphasCumprodPrev[t] = product;
      product *= 1 - betas[t];
      alphasCumprod[t] = product;
      posteriorVariance[t] = betas[t] * (1 - alphasCumprodPrev[t]) / (1 - product);
    }
  }

  /**
   * @param betas β_t for t = 0 … n−1; at least one
   */
  static DiffusionTables of(double[] betas) {
    return new DiffusionTables(betas.clone());
  }

  /**
   * The betas that lead from each noise level to the next: min(1 − ᾱ_{j+1}/ᾱ_j, 0.999).
   *
   * @param alphaBars at least two, from clean to noisy, up to a common factor
   * @return one fewer
   */
  static double[] betasBetween(double[] alphaBars) {
    double[] betas = new double[alphaBars.length - 1];
    for (int j = 0; j < betas.length; j++) {
      betas[j] = Math.min(1 - alphaBars[j + 1] / alphaBars[j], MAX_BETA);
    }
    return betas;
  }

  /** Number of entries. */
  public int steps() {
    return betas.length;
  }

  /** β_t. */
  public double beta(int t) {
    return betas[t];
  }

  /** ᾱ_t, the product of 1 − β up to t. */
  public double alphaCumprod(int t) {
    return alphasCumprod[t];
  }

  /** ᾱ_{t−1}; 1 for t = 0. */
  public double alphaCumprodPrev(int t) {
    return alphasCumprodPrev[t];
  }

  /** √(1/ᾱ_t). */
  public double sqrtRecipAlphaCumprod(int t) {
    return Math.sqrt(1 / alphasCumprod[t]);
  }

  /** √(1/ᾱ_t − 1): the noise level relative to the signal. */
  public double sqrtRecipM1AlphaCumprod(int t) {
    return Math.sqrt(1 / alphasCumprod[t] - 1);
  }

  /** Variance of q(x_{t−1} | x_t, x_0); 0 for t = 0. */
  public double posteriorVariance(int t) {
    return posteriorVariance[t];
  }

  /**
   * Its logarithm, with entry 1 standing in for entry 0. Where entry 0 is the only one, log β_0
   * does: any finite number will do there, since a step with index 0 adds no noise.
   */
  public double posteriorLogVarianceClipped(int t) {
    if (steps() == 1) {
      return Math.log(betas[0]);
    }
    return Math.log(posteriorVariance[Math.max(t, 1)]);
  }

  /**
   * Log variance if it is fixed to β ({@code ModelVarType.FIXED_LARGE}); entry 0 as in {@link
   * #posteriorLogVarianceClipped}.
   */
  public double fixedLargeLogVariance(int t) {
    return t == 0 ? posteriorLogVarianceClipped(0) : Math.log(betas[t]);
  }

  /** Weight of x_0 in the mean of q(x_{t−1} | x_t, x_0). */
  public double posteriorMeanCoef1(int t) {
    return betas[t] * Math.sqrt(alphasCumprodPrev[t]) / (1 - alphasCumprod[t]);
  }

  /** Weight of x_t in the mean of q(x_{t−1} | x_t, x_0). */
  public double posteriorMeanCoef2(int t) {
    return (1 - alphasCumprodPrev[t]) * Math.sqrt(1 - betas[t]) / (1 - alphasCumprod[t]);
  }
}
