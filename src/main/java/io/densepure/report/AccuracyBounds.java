package io.densepure.report;

import io.densepure.certify.HighProbability;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a table says beside the accuracies about how sure they are.
 *
 * @param confidence of the intervals for the accuracy over the population, in (0, 1); null for none
 * @param highProbability bound on the accuracy over these images; null for none
 */
public record AccuracyBounds(Double confidence, HighProbability highProbability) {
  public static final AccuracyBounds NONE = new AccuracyBounds(null, null);

  /** A line for each kind of bound. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (confidence != null) {
      notes.add(
          String.format(
              Locale.ROOT,
              "[low, high]: %s %% Clopper-Pearson interval for the accuracy over all images that"
                  + " these were drawn from.",
              plain(100 * confidence)));
    }
    if (highProbability != null) {
      notes.add(
          String.format(
              Locale.ROOT,
              "At least: holds for these images with probability 1 - %s, as each certificate may be"
                  + " wrong with probability %s (%s).",
              plain(highProbability.rho()),
              plain(highProbability.alpha()),
              highProbability.method() == HighProbability.Method.EXACT
                  ? "binomial quantile"
                  : "the original's formula"));
    }
    return notes;
  }

  /** Without trailing zeros or rounding noise: 95, 99.9. */
  private static String plain(double x) {
    return new BigDecimal(x).round(new MathContext(6)).stripTrailingZeros().toPlainString();
  }
}
