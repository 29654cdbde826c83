package io.densepure.diffusion;

import io.densepure.InputException;
import io.densepure.Settings;

/**
 * How a diffusion model was trained and is sampled: the part of the originals' {@code
 * script_util.py} flags that does not shape the network.
 *
 * @param schedule noise schedule with its kept timesteps ({@code diffusion_steps}, {@code
 *     noise_schedule}, {@code timestep_respacing})
 * @param variance where the variance comes from ({@code learn_sigma}, {@code sigma_small})
 * @param predictXstart whether the model predicts x_0 rather than the noise
 * @param rescaleTimesteps whether the model gets timesteps scaled to 0 … 1000
 */
public record DiffusionSettings(
    NoiseSchedule schedule,
    VarianceType variance,
    boolean predictXstart,
    boolean rescaleTimesteps) {

  /**
   * From the flags, with the defaults of improved-diffusion (as DensePure changed them: cosine,
   * learned variance, rescaled timesteps) or of guided-diffusion. Other keys are not looked at.
   *
   * @param defaultSteps {@code diffusion_steps} where not given: the original takes {@code
   *     --t_total} for ddpm and 1000 for guided-ddpm
   * @throws InputException naming the file and what is wrong
   */
  public static DiffusionSettings fromFlags(Settings s, DiffusionType type, int defaultSteps) {
    boolean ddpm = type == DiffusionType.DDPM;
    try {
      NoiseSchedule schedule =
          new NoiseSchedule(
              BetaSchedule.of(s.text("noise_schedule", ddpm ? "cosine" : "linear")),
              s.integer("diffusion_steps", defaultSteps),
              s.text("timestep_respacing", ""));
      return new DiffusionSettings(
          schedule,
          variance(s.flag("learn_sigma", ddpm), s.flag("sigma_small", false)),
          s.flag("predict_xstart", false),
          s.flag("rescale_timesteps", ddpm));
    } catch (InputException e) {
      throw s.located(e);
    }
  }

  private static VarianceType variance(boolean learnSigma, boolean sigmaSmall) {
    if (learnSigma) {
      return VarianceType.LEARNED_RANGE;
    }
    return sigmaSmall ? VarianceType.FIXED_SMALL : VarianceType.FIXED_LARGE;
  }

  /**
   * What the model is told when the process is at index {@code t} of the kept timesteps ({@code
   * respace.py, _WrappedModel}).
   *
   * @throws InputException if t is outside the schedule
   */
  float modelTimestep(int t) {
    float timestep = schedule.timestep(t);
    return rescaleTimesteps ? timestep * (float) (1000.0 / schedule.originalSteps()) : timestep;
  }
}
