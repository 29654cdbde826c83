package io.densepure.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A quantity over the rounds of a duel. */
record Spread(double median, double min, double max) {

  static Spread of(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    double median = (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    return new Spread(median, sorted.get(0), sorted.get(n - 1));
  }

  /** Of the quotients, round by round. */
  static Spread ofRatios(List<Double> numerators, List<Double> denominators) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < numerators.size(); i++) {
      ratios.add(numerators.get(i) / denominators.get(i));
    }
    return of(ratios);
  }

  Spread scaled(double factor) {
    return new Spread(median * factor, min * factor, max * factor);
  }

  /** As {@code 54.2 (53.9-55.0)}. */
  String format(int decimals) {
    String number = "%." + decimals + "f";
    return String.format(
        Locale.ROOT, number + " (" + number + "-" + number + ")", median, min, max);
  }
}
