package io.densepure.diffusion;

import io.densepure.InputException;
import java.util.Locale;

/** Noise schedules by name ({@code gaussian_diffusion.py, get_named_beta_schedule}). */
public enum BetaSchedule {
  /** ᾱ follows a squared cosine (Nichol and Dhariwal 2021, section 3.2). */
  COSINE,
  /** β rises linearly from 0.0001 to 0.02 over 1000 steps (Ho et al. 2020), scaled to any T. */
  LINEAR;

  /** Offset that keeps the first betas of the cosine schedule from vanishing. */
  static final double COSINE_OFFSET = 0.008;

  private static final int MAX_STEPS = 1_000_000;

  /**
   * @throws InputException if there is no such schedule
   */
  public static BetaSchedule of(String name) {
    for (BetaSchedule schedule : values()) {
      if (schedule.name().toLowerCase(Locale.ROOT).equals(name)) {
        return schedule;
      }
    }
    throw InputException.of(
        "noise_schedule %s is neither cosine nor linear", InputException.quote(name));
  }

  /**
   * The squared cosine, whose ratios are the cosine schedule's ᾱ.
   *
   * @param time 0 (clean) to 1 (noise)
   * @return near 1 at 0 and 0 at 1
   */
  public static double cosineAlphaBar(double time) {
    double c = Math.cos((time + COSINE_OFFSET) / (1 + COSINE_OFFSET) * Math.PI / 2);
    return c * c;
  }

  /**
   * β_t for t = 0 … T−1, each in (0, 1].
   *
   * @param steps T
   * @throws InputException if there is no such schedule of {@code steps} steps
   */
  double[] betas(int steps) {
    if (steps < 1 || steps > MAX_STEPS) {
      throw InputException.of("%d diffusion steps are not in [1, %d]", steps, MAX_STEPS);
    }
    double[] betas = this == COSINE ? cosine(steps) : linear(steps);
    for (double beta : betas) {
      if (!(beta > 0 && beta <= 1)) {
        throw InputException.of(
            "the %s schedule does not exist for %d steps: beta would be %s",
            name().toLowerCase(Locale.ROOT), steps, beta);
      }
    }
    return betas;
  }

  private static double[] cosine(int steps) {
    double[] alphaBars = new double[steps + 1];
    for (int t = 0; t <= steps; t++) {
      alphaBars[t] = cosineAlphaBar((double) t / steps);
    }
    return DiffusionTables.betasBetween(alphaBars);
  }

  private static double[] linear(int steps) {
    double scale = 1000.0 / steps;
    double start = scale * 0.0001;
    double end = scale * 0.02;
    double[] betas = new double[steps];
    for (int t = 0; t < steps; t++) {
      betas[t] = steps == 1 ? start : start + t * ((end - start) / (steps - 1));
    }
    return betas;
  }
}
