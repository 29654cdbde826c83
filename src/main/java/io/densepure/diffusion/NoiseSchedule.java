package io.densepure.diffusion;

import io.densepure.InputException;

/**
 * A noise schedule as a model was trained on it, with the timesteps that sampling keeps ({@code
 * respace.py, SpacedDiffusion}).
 */
public final class NoiseSchedule {
  private final BetaSchedule kind;
  private final int originalSteps;
  private final int[] timestepMap;
  private final DiffusionTables tables;

  /**
   * @param originalSteps T
   * @param respacing which of them are kept: empty for all, {@code "250"}, {@code "10,15,20"},
   *     {@code "ddim50"}
   * @throws InputException if there is no such schedule
   */
  public NoiseSchedule(BetaSchedule kind, int originalSteps, String respacing) {
    this.kind = kind;
    this.originalSteps = originalSteps;
    DiffusionTables all = DiffusionTables.of(kind.betas(originalSteps));
    timestepMap = TimestepRespacing.of(originalSteps, respacing);
    tables = DiffusionTables.of(respacedBetas(all, timestepMap));
  }

  /** The betas that make the kept timesteps have the original ᾱ. */
  private static double[] respacedBetas(DiffusionTables all, int[] timestepMap) {
    double[] betas = new double[timestepMap.length];
    double last = 1;
    for (int i = 0; i < betas.length; i++) {
      double alphaBar = all.alphaCumprod(timestepMap[i]);
      betas[i] = 1 - alphaBar / last;
      last = alphaBar;
    }
    return betas;
  }

  public BetaSchedule kind() {
    return kind;
  }

  /** T, before respacing. */
  public int originalSteps() {
    return originalSteps;
  }

  /** Number of timesteps kept. */
  public int steps() {
    return timestepMap.length;
  }

  /** Whether all timesteps are kept. */
  public boolean isComplete() {
    return steps() == originalSteps;
  }

  /** The tables over the kept timesteps. */
  public DiffusionTables tables() {
    return tables;
  }

  /**
   * The original timestep behind index {@code t}.
   *
   * @throws InputException if t is not in [0, {@link #steps})
   */
  public int timestep(int t) {
    if (t < 0 || t >= steps()) {
      throw InputException.of(
          "timestep %d is outside the %d steps of the schedule; change sigma, t_plus or the number"
              + " of diffusion steps",
          t, steps());
    }
    return timestepMap[t];
  }
}
