package io.densepure.pipeline;

import io.densepure.compute.DType;
import io.densepure.diffusion.ReverseMode;

/**
 * How images are purified.
 *
 * @param denoising the reverse process
 * @param noise of the images and of the reverse seeds, one per version wanted
 * @param batch versions computed at once, or 0 to choose
 * @param stages most states of the reverse process to keep per version, 0 for none
 * @param dtype precision inside the network
 */
public record PurifyRequest(
    ReverseMode denoising, SmoothingNoise noise, int batch, int stages, DType dtype) {
  /** Versions of each image. */
  public int votes() {
    return noise.reverseSeeds().size();
  }
}
