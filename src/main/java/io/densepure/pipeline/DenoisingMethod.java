package io.densepure.pipeline;

import io.densepure.diffusion.ReverseMode;
import io.densepure.diffusion.ReversePlan;
import io.densepure.model.DiffusionModel;

/** With which network images are denoised, and by which steps. */
public record DenoisingMethod(DiffusionModel model, ReversePlan plan) {
  /**
   * Loads the diffusion model that a configuration names.
   *
   * @param sigma noise of the images
   * @param mode how many steps; null for no denoising, which is no method
   * @return null if {@code mode} is
   * @throws io.densepure.InputException if the checkpoint is missing or does not fit, or sigma is
   *     out of the schedule's range
   */
  public static DenoisingMethod load(Setup setup, double sigma, ReverseMode mode) {
    return mode == null
        ? null
        : new DenoisingMethod(setup.diffusionModel(), setup.reversePlan(sigma, mode));
  }
}
