package io.densepure.diffusion;

import io.densepure.InputException;
import io.densepure.compute.DdpmCoefficients;
import io.densepure.compute.DdpmOutput;
import java.util.ArrayList;
import java.util.List;

/**
 * The reverse process worked out for one σ: everything that is the same for all images ({@code
 * runners/*.py, image_editing_sample}, and DensePure's change to {@code gaussian_diffusion.py,
 * p_sample}).
 *
 * <p>The modes run on three slightly different clocks, as in the original: one-shot at t means
 * noise level ᾱ_t of the table, few-step means f(t/T)/f(0) (or ᾱ_t/ᾱ_0), and the full chain starts
 * at index t − 1.
 */
public final class ReversePlan {
  private final TimestepMap.Start start;
  private final DiffusionSettings settings;
  private final DiffusionTables tables;
  private final List<ReverseStep> steps = new ArrayList<>();

  private ReversePlan(DiffusionSettings settings, TimestepMap.Start start, DiffusionTables tables) {
    this.settings = settings;
    this.start = start;
    this.tables = tables;
  }

  /**
   * @param sigma standard deviation of the noise on images in [0, 1]
   * @throws InputException if the schedule has no such step
   */
  public static ReversePlan of(
      DiffusionSettings settings, DiffusionType type, double sigma, ReverseMode mode) {
    TimestepMap.Start start = TimestepMap.of(type, settings.schedule(), sigma);
    if (mode instanceof ReverseMode.OneShot oneShot) {
      return oneShot(settings, start, oneShot.tPlus());
    } else if (mode instanceof ReverseMode.Steps few) {
      return fewSteps(settings, type, start, few.count());
    }
    return full(settings, start);
  }

  private static ReversePlan oneShot(
      DiffusionSettings settings, TimestepMap.Start start, int tPlus) {
    ReversePlan plan = new ReversePlan(settings, start, settings.schedule().tables());
    int t = TimestepMap.round(start.t()) + tPlus;
    plan.add(t, t, DdpmOutput.PRED_XSTART);
    return plan;
  }

  /**
   * Tables are made anew for the few noise levels that are visited. With a single step the original
   * stops with an IndexError, looking for the second entry of a table; here the one step has index
   * 0, adds no noise and returns the posterior's mean, which is the prediction of x_0: one-shot
   * denoising on the few-step clock.
   */
  private static ReversePlan fewSteps(
      DiffusionSettings settings, DiffusionType type, TimestepMap.Start start, int count) {
    if (count < 1 || count > settings.schedule().originalSteps()) {
      throw InputException.of(
          "num_t_steps %d is not in [1, %d], the steps of the diffusion",
          count, settings.schedule().originalSteps());
    }
    int[] indices = TimestepMap.stepIndices(start.t(), count);
    DiffusionTables tables = fewStepTables(settings.schedule(), type, indices);
    ReversePlan plan = new ReversePlan(settings, start, tables);
    for (int i = 0; i < count; i++) {
      int entry = count - 1 - i;
      plan.add(indices[i], entry, entry == 0 ? DdpmOutput.MEAN : DdpmOutput.SAMPLE);
    }
    return plan;
  }

  /**
   * The tables of a diffusion that visits only the given timesteps.
   *
   * @param indices descending; entry 0 of the tables belongs to the last of them
   */
  public static DiffusionTables fewStepTables(
      NoiseSchedule schedule, DiffusionType type, int[] indices) {
    int count = indices.length;
    double[] alphaBars = new double[count + 1]; // from clean to noisy
    alphaBars[0] = alphaBar(schedule, type, 0);
    for (int j = 0; j < count; j++) {
      alphaBars[j + 1] = alphaBar(schedule, type, indices[count - 1 - j]);
    }
    return DiffusionTables.of(DiffusionTables.betasBetween(alphaBars));
  }

  private static double alphaBar(NoiseSchedule schedule, DiffusionType type, int t) {
    schedule.timestep(t); // within the schedule
    return type == DiffusionType.DDPM
        ? BetaSchedule.cosineAlphaBar((double) t / schedule.originalSteps())
        : schedule.tables().alphaCumprod(t);
  }

  private static ReversePlan full(DiffusionSettings settings, TimestepMap.Start start) {
    ReversePlan plan = new ReversePlan(settings, start, settings.schedule().tables());
    for (int t = TimestepMap.round(start.t()) - 1; t >= 0; t--) {
      plan.add(t, t, t == 0 ? DdpmOutput.MEAN : DdpmOutput.SAMPLE);
    }
    return plan;
  }

  private void add(int timestep, int entry, DdpmOutput result) {
    float modelTimestep = settings.modelTimestep(timestep); // checks the range
    steps.add(new ReverseStep(timestep, modelTimestep, coefficients(entry), result));
  }

  private DdpmCoefficients coefficients(int t) {
    boolean xstart = settings.predictXstart();
    double small = tables.posteriorLogVarianceClipped(t);
    double large = tables.fixedLargeLogVariance(t);
    return new DdpmCoefficients(
        xstart ? 0 : (float) tables.sqrtRecipAlphaCumprod(t),
        xstart ? -1 : (float) tables.sqrtRecipM1AlphaCumprod(t),
        (float) tables.posteriorMeanCoef1(t),
        (float) tables.posteriorMeanCoef2(t),
        (float)
            switch (settings.variance()) {
              case LEARNED_RANGE -> Math.log(tables.beta(t));
              case FIXED_SMALL -> small;
              case FIXED_LARGE -> large;
            },
        (float) (settings.variance() == VarianceType.FIXED_LARGE ? large : small),
        t == 0 ? 0 : 1);
  }

  /** Where the process starts; x_t = scale · (2·noisy − 1). */
  public TimestepMap.Start start() {
    return start;
  }

  public DiffusionSettings settings() {
    return settings;
  }

  /**
   * In the order they are taken. Empty if σ is so small that no timestep is left: the result then
   * is x_t itself.
   */
  public List<ReverseStep> steps() {
    return java.util.Collections.unmodifiableList(steps);
  }

  /** The tables that the steps' coefficients were looked up in. */
  public DiffusionTables tables() {
    return tables;
  }

  /**
   * Whether noise levels repeat or vanish because there are more steps than timesteps: the original
   * then returns NaN images without a word.
   */
  public boolean hasDegenerateSteps() {
    return steps.stream().anyMatch(ReverseStep::isDegenerate);
  }
}
