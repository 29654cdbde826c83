package io.densepure.pipeline;

import io.densepure.certify.DiscreteGaussian;
import io.densepure.compute.DType;
import io.densepure.compute.Shape;
import io.densepure.data.Dataset;
import io.densepure.diffusion.ReverseMode;
import java.util.function.Supplier;

/**
 * What every lane of a run goes through, on whatever device.
 *
 * @param image shape of an image, {@code [H, W, C]}
 * @param images gives each device the images, with their noise or without
 * @param noise what the device adds to them
 * @param denoising null for the bare classifier under smoothing
 * @param labeller what labels them
 * @param dtype what the networks store their activations as
 */
record LaneWork(
    Shape image,
    Supplier<LaneImages> images,
    SmoothingNoise noise,
    DenoisingMethod denoising,
    Labeller labeller,
    DType dtype) {

  /** Shape of a batch of images, {@code [batch, H, W, C]}. */
  Shape batch(int batch) {
    return Shape.of(batch, image.dim(0), image.dim(1), image.dim(2));
  }

  /** Height times width. */
  int pixels() {
    return image.dim(0) * image.dim(1);
  }

  /**
   * Loads the networks that a configuration names.
   *
   * @param sound draws the noise in whole 255ths on the host; null for the device's noise
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
    return new LaneWork(
        Shape.of(data.height(), data.width(), data.channels()),
        () -> sound == null ? ImageLoader.of(data) : new SoundImages(data, sound, noise.seed()),
        noise,
        DenoisingMethod.load(setup, noise.sigma(), mode),
        new NetworkLabeller(setup.classifier(setup.config().classifier(classifier), data)),
        dtype);
  }
}
