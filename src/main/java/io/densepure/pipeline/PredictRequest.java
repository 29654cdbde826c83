package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.diffusion.ReverseMode;
import java.util.List;

/**
 * One prediction run; as {@link CertifyRequest}, but nothing is written.
 *
 * @param classifier the classifier's name in the configuration, or null for its first one
 * @param denoising how noisy images are denoised; null for the bare classifier under smoothing
 * @param images indices in the data set
 * @param noise what is added to the images, and the reverse seeds, one per vote
 * @param n noisy copies of each image
 * @param alpha probability that an answer may be wrong
 * @param execution batch and precision
 */
public record PredictRequest(
    String classifier,
    ReverseMode denoising,
    List<Integer> images,
    SmoothingNoise noise,
    int n,
    double alpha,
    Execution execution) {

  /**
   * @throws InputException if {@code n} is out of range
   */
  public PredictRequest {
    images = List.copyOf(images);
    if (n < 1) {
      throw InputException.of("N must be at least 1, not %d", n);
    }
  }

  /** Lanes of the whole run. */
  public long lanes() {
    return (long) n * noise.reverseSeeds().size() * images.size();
  }
}
