package io.densepure.certify;

import java.util.List;
import java.util.function.Function;

/**
 * How the certificates of a run come about: from how many copies, and by which bound.
 *
 * @param targetRadii the radii that are asked about, each at least 0, for copies to be taken only
 *     until it is known of all whether they can be certified; none to take all N copies
 */
public record Guarantee(List<Double> targetRadii) {
  /** Cohen et al.'s: N copies, and Clopper and Pearson's bound. */
  public static final Guarantee FIXED = new Guarantee(List.of());

  public Guarantee {
    targetRadii = List.copyOf(targetRadii);
  }

  public boolean isAdaptive() {
    return !targetRadii.isEmpty();
  }

  /** The bound's name, for people. */
  public String bound() {
    return isAdaptive() ? "anytime (betting)" : "Clopper-Pearson";
  }

  /**
   * When an image needs no more copies.
   *
   * @throws io.densepure.InputException if a target radius is out of reach with N copies
   */
  public StoppingRule rule(Certifier certifier, int n) {
    return isAdaptive() ? adaptive(certifier, n) : new FixedSampling(certifier);
  }

  /** The rule of an adaptive run. */
  public AdaptiveSampling adaptive(Certifier certifier, int n) {
    return new AdaptiveSampling(certifier.sigma(), certifier.alpha(), targetRadii, n);
  }

  /**
   * What turns the votes of an image into its certificate.
   *
   * @param exhaustive whether every vote was cast
   */
  public Function<VoteBoard, Certificate> certificates(
      Certifier certifier, int n, boolean exhaustive) {
    if (isAdaptive()) {
      return adaptive(certifier, n)::certify;
    }
    return exhaustive ? certifier::certify : certifier::certifyEarly;
  }
}
