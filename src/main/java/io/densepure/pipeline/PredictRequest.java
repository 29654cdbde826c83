package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.diffusion.ReverseMode;
import java.util.List;

/**
 * One prediction run; as {@link CertifyRequest}, but nothing is written.
 *
 * @param classifier the classifier's name in the configuration, or null for its first one
 * @param denoising how noisy images are denoised; null for the bare classifier under smoothing
 * @param images indices in the data set
 * @param n noisy copies of each image
 * @param sigma noise on images in [0, 1]
 * @param alpha probability that an answer may be wrong
 * @param seed of the smoothing noise
 * @param reverseSeeds of the reverse process, one per vote
 * @param batch lanes computed at once, or 0 to choose
 * @param dtype precision inside the networks
 */
public record PredictRequest(
    String classifier,
    ReverseMode denoising,
    List<Integer> images,
    int n,
    double sigma,
    double alpha,
    long seed,
    List<Long> reverseSeeds,
    int batch,
    DType dtype) {

  public PredictRequest {
    images = List.copyOf(images);
    reverseSeeds = List.copyOf(reverseSeeds);
    if (n < 1) {
      throw InputException.of("N must be at least 1, not %d", n);
    }
  }

  /** Lanes of the whole run. */
  public long lanes() {
    return (long) n * reverseSeeds.size() * images.size();
  }
}
