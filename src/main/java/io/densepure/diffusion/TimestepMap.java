package io.densepure.diffusion;

import io.densepure.InputException;

/**
 * Where on the diffusion's time axis an image with Gaussian noise of a given σ lies (paper, section
 * 4.1: the t at which ᾱ makes the noise levels equal), and which timesteps lead back from there.
 */
public final class TimestepMap {
  private TimestepMap() {}

  /**
   * The beginning of the reverse process.
   *
   * @param t timestep, unrounded; an index into the schedule's kept timesteps
   * @param scale √ᾱ: x_t = scale · (2·noisy − 1)
   * @param inRange whether the schedule has that noise level. Where it has not, the guided runner
   *     starts from its last timestep, even if σ is too <em>small</em>: a bug of the original,
   *     which nothing good comes of
   */
  public record Start(double t, double scale, boolean inRange) {}

  /**
   * @param sigma standard deviation of the noise on images in [0, 1]; at least 0
   * @throws InputException if sigma is negative or not finite, or {@code type} does not go with the
   *     schedule
   */
  public static Start of(DiffusionType type, NoiseSchedule schedule, double sigma) {
    if (!(sigma >= 0) || Double.isInfinite(sigma)) {
      throw InputException.of("sigma %s is not a finite number >= 0", sigma);
    }
    double s = 2 * sigma; // on images in [-1, 1]
    double scale = Math.sqrt(1 / (1 + s * s));
    if (type == DiffusionType.DDPM) {
      return new Start(cosineTime(schedule, s), scale, true);
    }
    int t = bracket(schedule.tables(), s);
    return t < 0 ? new Start(schedule.steps() - 1, scale, false) : new Start(t, scale, true);
  }

  /**
   * Closed form of the cosine schedule ({@code diffpure_ddpm_densepure.py, Diffusion.__init__}).
   */
  private static double cosineTime(NoiseSchedule schedule, double s) {
    if (schedule.kind() != BetaSchedule.COSINE || !schedule.isComplete()) {
      throw InputException.of(
          "diffusion_type ddpm needs the cosine schedule with all its timesteps; use guided-ddpm for"
              + " another noise_schedule or timestep_respacing");
    }
    double k = 1 + BetaSchedule.COSINE_OFFSET;
    double angle = Math.asin(Math.sin(Math.PI / (2 * k)) / Math.sqrt(1 + s * s));
    return schedule.originalSteps() * (1 - 2 * k * angle / Math.PI);
  }

  /**
   * The timestep whose noise level is nearest to s, the lower one on a tie ({@code
   * diffpure_guided_densepure.py, GuidedDiffusion.__init__}); −1 if s is not between two levels.
   */
  private static int bracket(DiffusionTables tables, double s) {
    for (int t = 0; t < tables.steps() - 1; t++) {
      double below = tables.sqrtRecipM1AlphaCumprod(t);
      double above = tables.sqrtRecipM1AlphaCumprod(t + 1);
      if (below < s && s <= above) {
        return s - below > above - s ? t + 1 : t;
      }
    }
    return -1;
  }

  /**
   * The timesteps of a reverse process of {@code count} steps: round(t − i·t/count), descending
   * from round(t) ({@code image_editing_sample, indices_t_steps}).
   */
  public static int[] stepIndices(double t, int count) {
    double interval = t / count;
    int[] indices = new int[count];
    for (int i = 0; i < count; i++) {
      indices[i] = round(t - i * interval);
    }
    return indices;
  }

  /** Python's round: half to even. */
  public static int round(double t) {
    return (int) Math.rint(t);
  }
}
