package io.densepure.certify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Function;

/**
 * How the certificates of a run come about: from how many copies, and by which bound.
 *
 * @param targetRadii the radii that are asked about, each at least 0, for copies to be taken only
 *     until it is known of all whether they can be certified; none to take all N copies
 * @param sound whether certificates must hold in spite of floating point: noise in whole 255ths,
 *     all bounds rounded to the safe side
 */
public record Guarantee(List<Double> targetRadii, boolean sound) {
  /** Cohen et al.'s: N copies, and Clopper and Pearson's bound. */
  public static final Guarantee FIXED = new Guarantee(List.of(), false);

  private static final String BOUND = "bound";
  private static final String TARGET_RADII = "target_radii";
  private static final String NOISE = "noise";
  private static final String DISCRETE = "discrete";

  public Guarantee {
    targetRadii = List.copyOf(targetRadii);
    if (sound && !targetRadii.isEmpty()) {
      throw new InputException(
          "--sound takes a fixed number of copies; it does not go with --sampling adaptive");
    }
  }

  public boolean isAdaptive() {
    return !targetRadii.isEmpty();
  }

  /** The bound's name, for people. */
  public String bound() {
    if (sound) {
      return "Clopper-Pearson, sound";
    }
    return isAdaptive() ? "anytime (betting)" : "Clopper-Pearson";
  }

  /** Notes in a run's configuration what is not Cohen et al.'s. */
  public void describe(ObjectNode config) {
    if (!equals(FIXED)) {
      config.put(BOUND, bound());
    }
    if (sound) {
      config.put(NOISE, DISCRETE);
    }
    if (isAdaptive()) {
      config.put(TARGET_RADII, targetRadii.toString());
    }
  }

  /**
   * What {@link #describe} has noted.
   *
   * @throws IllegalArgumentException if it is no such note
   */
  static Guarantee described(ObjectNode config) {
    List<Double> targets =
        JournalJson.listed(config, TARGET_RADII).stream().map(Double::valueOf).toList();
    if (targets.stream().anyMatch(radius -> !(radius >= 0))) {
      throw new IllegalArgumentException(TARGET_RADII + " has " + targets);
    }
    return new Guarantee(targets, config.path(NOISE).asText().equals(DISCRETE));
  }

  /**
   * When an image needs no more copies.
   *
   * @throws io.densepure.InputException if a target radius is out of reach with N copies
   */
  public StoppingRule rule(VoteCertifier certifier, int n) {
    return isAdaptive() ? adaptive(certifier, n) : new FixedSampling(certifier);
  }

  /** The rule of an adaptive run. */
  public AdaptiveSampling adaptive(VoteCertifier certifier, int n) {
    return new AdaptiveSampling(certifier.sigma(), certifier.alpha(), targetRadii, n);
  }

  /**
   * What turns the votes of an image into its certificate.
   *
   * @param exhaustive whether every vote was cast
   */
  public Function<VoteBoard, Certificate> certificates(
      VoteCertifier certifier, int n, boolean exhaustive) {
    if (isAdaptive()) {
      return adaptive(certifier, n)::certify;
    }
    Function<VoteBoard, Certificate> certificates =
        exhaustive ? certifier::certify : certifier::certifyEarly;
    return sound ? certificates.andThen(sound(certifier, n)::of) : certificates;
  }

  private static SoundCertificates sound(VoteCertifier certifier, int n) {
    BigDecimal variation =
        DiscreteGaussian.variation(certifier.sigma())
            .multiply(BigDecimal.valueOf((long) n * DiscreteGaussian.MAX_PIXELS));
    return new SoundCertificates(certifier.sigma(), certifier.alpha(), variation);
  }
}
