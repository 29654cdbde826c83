package io.densepure.pipeline;

import io.densepure.diffusion.ReverseMode;

/**
 * How images are purified.
 *
 * @param denoising the reverse process
 * @param noise of the images and of the reverse seeds, one per version wanted
 * @param stages most states of the reverse process to keep per version, 0 for none
 * @param execution versions computed at once, and the precision
 */
public record PurifyRequest(
    ReverseMode denoising, SmoothingNoise noise, int stages, Execution execution) {
  /** Versions of each image. */
  public int votes() {
    return noise.reverseSeeds().size();
  }
}
