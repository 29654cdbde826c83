package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.Guarantee;
import io.densepure.certify.PythonFormat;
import java.util.List;
import picocli.CommandLine.Option;

/** How many noisy copies, and what is asked of them. */
@HelpSection.In(HelpSection.NOISE)
final class SamplingOptions {
  /** Whether N is what is taken or the most that is taken. */
  enum Sampling {
    fixed,
    adaptive
  }

  @Option(
      names = "--sampling",
      paramLabel = "HOW",
      defaultValue = "fixed",
      description =
          "fixed (all N copies) or adaptive: only as many, up to N, as it takes to know whether each"
              + " --target-radius can be certified, by a bound that holds at every moment. Default:"
              + " fixed.")
  private Sampling sampling;

  @Option(
      names = "--target-radius",
      paramLabel = "R",
      arity = "1..*",
      split = ",",
      description =
          "With --sampling adaptive: the radii of interest. 0 asks whether there is a certificate at"
              + " all.")
  private List<Double> targetRadii;

  @Option(
      names = "--sound",
      description =
          "Certificates that rounding cannot make false: noise in exact 255ths, for 8-bit images, and"
              + " bounds rounded to the safe side (docs/sound.md).")
  private boolean sound;

  Guarantee guarantee() {
    if (sampling == Sampling.fixed) {
      if (targetRadii != null) {
        throw new InputException("--target-radius needs --sampling adaptive");
      }
      return new Guarantee(List.of(), sound);
    }
    if (targetRadii == null) {
      throw new InputException(
          "--sampling adaptive needs --target-radius with the radii of interest, as 0.25,0.5");
    }
    targetRadii.forEach(SamplingOptions::requireThreeDigits);
    return new Guarantee(targetRadii, sound);
  }

  /** So that a certified target is one in the table of results, too. */
  private static void requireThreeDigits(double radius) {
    if (!(radius >= 0) || Double.parseDouble(PythonFormat.radius3(radius)) != radius) {
      throw InputException.of(
          "--target-radius %s: must be at least 0 and of no more than three digits, as the table of"
              + " results has them",
          radius);
    }
  }
}
