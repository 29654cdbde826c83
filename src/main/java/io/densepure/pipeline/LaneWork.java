package io.densepure.pipeline;

import io.densepure.certify.DiscreteGaussian;
import io.densepure.compute.DType;
import io.densepure.data.Dataset;
import io.densepure.diffusion.ReverseMode;

/**
 * What every lane of a run goes through, on whatever device.
 *
 * @param data the images
 * @param noise what is added to them
 * @param sound draws the noise in whole 255ths on the host; null for the device's noise
 * @param denoising null for the bare classifier under smoothing
 * @param classifier what labels them
 * @param dtype what the networks store their activations as
 */
record LaneWork(
    Dataset data,
    SmoothingNoise noise,
    DiscreteGaussian sound,
    Denoiser.Method denoising,
    Setup.LoadedClassifier classifier,
    DType dtype) {

  /** Where the pipeline of a device has its images from. */
  LaneImages images() {
    return sound == null ? new ImageLoader(data) : new SoundImages(data, sound, noise.seed());
  }

  /**
   * Loads the networks that a configuration names.
   *
   * @param sound see the record
   * @param classifier its name in the configuration, or null for the first
   * @param mode how to denoise, or null for not at all
   * @throws io.densepure.InputException if checkpoints, configuration and images do not fit
   */
  static LaneWork load(
      Setup setup,
      Dataset data,
      SmoothingNoise noise,
      DiscreteGaussian sound,
      String classifier,
      ReverseMode mode,
      DType dtype) {
    setup.requireWeights(classifier, mode != null);
    Denoiser.Method denoising =
        mode == null
            ? null
            : new Denoiser.Method(setup.diffusionModel(), setup.reversePlan(noise.sigma(), mode));
    return new LaneWork(
        data,
        noise,
        sound,
        denoising,
        setup.classifier(setup.config().classifier(classifier), data),
        dtype);
  }
}
