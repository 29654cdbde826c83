package io.densepure.pipeline;

import io.densepure.certify.Lane;
import io.densepure.compute.Ops;
import io.densepure.compute.Philox;
import java.io.Serializable;
import java.util.List;

/**
 * Where a run's randomness comes from: the Gaussian noise of sample n of image i is a function of
 * (seed, i, n), the same for all votes; that of reverse step s of vote k is a function of
 * (reverseSeeds[k], i, n, s).
 *
 * @param sigma standard deviation on images in [0, 1]
 * @param seed of the smoothing noise
 * @param reverseSeeds one per vote
 * @param added false if images come with their noise in them already
 */
public record SmoothingNoise(double sigma, long seed, List<Long> reverseSeeds, boolean added)
    implements Serializable {
  private static final int SMOOTHING_STREAM = 0;

  public SmoothingNoise {
    reverseSeeds = List.copyOf(reverseSeeds);
  }

  /** Noise that is added. */
  public SmoothingNoise(double sigma, long seed, List<Long> reverseSeeds) {
    this(sigma, seed, reverseSeeds, true);
  }

  /** The same noise, for images that come with it in them. */
  SmoothingNoise onHost() {
    return new SmoothingNoise(sigma, seed, reverseSeeds, false);
  }

  /** {@code [batch, 5]} keys of the smoothing noise; slots without a lane repeat the last one. */
  int[] smoothingKeys(List<Lane> lanes, int batch) {
    return keys(lanes, batch, false);
  }

  /** {@code [batch, 5]} keys of the reverse process, for {@code ReverseProcess.run}. */
  int[] reverseKeys(List<Lane> lanes, int batch) {
    return keys(lanes, batch, true);
  }

  private int[] keys(List<Lane> lanes, int batch, boolean reverse) {
    int[] keys = new int[batch * Ops.NOISE_KEY_WORDS];
    for (int slot = 0; slot < batch; slot++) {
      Lane lane = lanes.get(Math.min(slot, lanes.size() - 1));
      long laneSeed = reverse ? reverseSeeds.get(lane.vote()) : seed;
      Philox.laneKey(
          laneSeed,
          lane.image(),
          lane.sampleWord(),
          SMOOTHING_STREAM,
          keys,
          slot * Ops.NOISE_KEY_WORDS);
    }
    return keys;
  }
}
