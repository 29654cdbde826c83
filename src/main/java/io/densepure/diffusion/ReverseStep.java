package io.densepure.diffusion;

import io.densepure.compute.DdpmCoefficients;
import io.densepure.compute.DdpmOutput;

/**
 * One step of a {@link ReversePlan}.
 *
 * @param timestep index into the schedule's kept timesteps
 * @param modelTimestep what the model is given
 * @param coefficients of the posterior
 * @param result what becomes of x: {@code SAMPLE}; {@code MEAN} at the last step, which adds no
 *     noise; {@code PRED_XSTART} in one-shot denoising
 */
public record ReverseStep(
    int timestep, float modelTimestep, DdpmCoefficients coefficients, DdpmOutput result) {

  /** Whether any coefficient is infinite or NaN, so that images become NaN. */
  boolean isDegenerate() {
    for (float c : coefficients.toArray()) {
      if (!Float.isFinite(c)) {
        return true;
      }
    }
    return false;
  }
}
