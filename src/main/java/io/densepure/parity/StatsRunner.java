package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.certify.Certificate;
import io.densepure.certify.ConfidenceBounds;
import io.densepure.certify.PythonFormat;
import io.densepure.certify.VoteCertifier;
import java.util.Map;

/**
 * {@code stats.json}: confidence bounds, quantiles, tests, printed radii and whole certificates, as
 * scipy, statsmodels, Python and the original's {@code core.py} gave them.
 */
final class StatsRunner implements CaseRunner {
  /** What the reference data states for statistics. */
  static final Tolerance TOLERANCE = new Tolerance(1e-9, 1e-12);

  private static final String VERSIONS = "versions";

  /** Compares one entry of a section; {@code row} is its name. */
  private interface Entry {
    void compare(String row, JsonNode golden, Tolerance tolerance, Comparison comparison);
  }

  private static final Map<String, Entry> SECTIONS =
      Map.of(
          "confint", StatsRunner::confidenceBounds,
          "radii", StatsRunner::radius,
          "certify", StatsRunner::certify,
          "norm_ppf", StatsRunner::normalQuantile,
          "binom_test", StatsRunner::binomTest,
          "format_colon_dot3", StatsRunner::printedRadius);

  @Override
  public boolean handles(GoldenCase c) {
    return c.has("json") && c.source().contains("_lower_confidence_bound");
  }

  @Override
  public void run(Trial trial) {
    for (Map.Entry<String, JsonNode> section : trial.golden().json("json").properties()) {
      if (section.getKey().equals(VERSIONS)) {
        continue;
      }
      Entry entry = SECTIONS.get(section.getKey());
      if (entry == null) {
        throw new UnsupportedCase("nothing here checks the section " + section.getKey());
      }
      int i = 0;
      for (JsonNode golden : section.getValue()) {
        entry.compare(
            section.getKey() + "[" + i++ + "]",
            golden,
            trial.golden().tolerance(),
            trial.comparison());
      }
    }
  }

  private static void confidenceBounds(
      String row, JsonNode golden, Tolerance tolerance, Comparison comparison) {
    long k = GoldenJson.integer(golden, "k");
    long n = GoldenJson.integer(golden, "n");
    double alpha = GoldenJson.number(golden, "alpha");
    double lower = ConfidenceBounds.lower(k, n, alpha);
    double upper = ConfidenceBounds.upper(k, n, alpha);
    double quantile = ConfidenceBounds.normalQuantile(lower);
    comparison.close(row + ".lower", GoldenJson.number(golden, "lower"), lower, tolerance);
    comparison.close(row + ".upper", GoldenJson.number(golden, "upper"), upper, tolerance);
    comparison.close(
        row + ".ppf_lower", GoldenJson.number(golden, "ppf_lower"), quantile, tolerance);
    boolean abstain = GoldenJson.need(golden, "abstain").asBoolean();
    comparison.exact(row + ".abstain", abstain, lower < 0.5);
  }

  private static void radius(
      String row, JsonNode golden, Tolerance tolerance, Comparison comparison) {
    long k = GoldenJson.integer(golden, "k");
    long n = GoldenJson.integer(golden, "n");
    // Whichever class the other samples went to, class 0 is the one selected.
    Certificate certificate = certifier(golden).certify(new long[] {1, 0}, new long[] {k, n - k});
    boolean abstain = GoldenJson.need(golden, "abstain").asBoolean();
    comparison.exact(row + ".abstain", abstain, certificate.abstains());
    compareRadius(row, golden, certificate, tolerance, comparison);
  }

  private static void certify(
      String row, JsonNode golden, Tolerance tolerance, Comparison comparison) {
    long[] selection = new long[GoldenJson.small(golden, "classes")];
    for (long label : GoldenJson.longs(GoldenJson.need(golden, "n0_predictions"))) {
      selection[(int) label]++;
    }
    long[] estimation = GoldenJson.longs(GoldenJson.need(golden, "n_counts"));
    Certificate certificate = certifier(golden).certify(selection, estimation);
    int prediction = GoldenJson.small(golden, "prediction");
    comparison.exact(row + ".prediction", prediction, certificate.prediction());
    compareRadius(row, golden, certificate, tolerance, comparison);
  }

  private static VoteCertifier certifier(JsonNode golden) {
    return new VoteCertifier(
        GoldenJson.number(golden, "sigma"), GoldenJson.number(golden, "alpha"));
  }

  private static void compareRadius(
      String row,
      JsonNode golden,
      Certificate certificate,
      Tolerance tolerance,
      Comparison comparison) {
    double radius = GoldenJson.number(golden, "radius");
    String printed = GoldenJson.need(golden, "printed").asText();
    comparison.close(row + ".radius", radius, certificate.radius(), tolerance);
    comparison.exact(row + ".printed", printed, PythonFormat.radius3(certificate.radius()));
  }

  private static void normalQuantile(
      String row, JsonNode golden, Tolerance tolerance, Comparison comparison) {
    double quantile = ConfidenceBounds.normalQuantile(GoldenJson.number(golden, "p"));
    comparison.close(row, GoldenJson.number(golden, "ppf"), quantile, tolerance);
  }

  private static void binomTest(
      String row, JsonNode golden, Tolerance tolerance, Comparison comparison) {
    long count1 = GoldenJson.integer(golden, "count1");
    long count2 = GoldenJson.integer(golden, "count2");
    double p = ConfidenceBounds.binomTest(count1, count2);
    comparison.close(row, GoldenJson.number(golden, "p"), p, tolerance);
  }

  private static void printedRadius(
      String row, JsonNode golden, Tolerance tolerance, Comparison comparison) {
    String printed = PythonFormat.radius3(GoldenJson.number(golden, "v"));
    comparison.exact(row, GoldenJson.need(golden, "s").asText(), printed);
  }
}
