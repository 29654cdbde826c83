package io.densepure.certify;

/**
 * The unit of work: one noisy copy of one image, denoised once. Any lane can sit in any slot of a
 * batch; its label is a pure function of the lane, never of its neighbours.
 *
 * @param image index in the data set
 * @param phase whether the copy helps to pick the class or to bound its probability
 * @param sample number of the noisy copy within its phase, from 0
 * @param vote which of the K denoisings of that copy, from 0: an index into the run's reverse seeds
 */
public record Lane(int image, Phase phase, int sample, int vote) {
  /** The two independent sets of samples of Cohen et al.'s CERTIFY. */
  public enum Phase {
    /** N0 copies whose majority picks the class. */
    SELECTION,
    /** N copies that bound the class's probability. */
    ESTIMATION
  }

  /** The counter word that keeps the noise of the two phases apart. */
  public int sampleWord() {
    return phase == Phase.SELECTION ? sample : sample | 0x8000_0000;
  }
}
