package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.certify.Certificate;
import io.densepure.certify.Certifier;
import io.densepure.certify.ConfidenceBounds;
import io.densepure.certify.PythonFormat;
import io.densepure.compute.DType;
import io.densepure.compute.Device;

/**
 * {@code stats.json}: confidence bounds, quantiles, tests, printed radii and whole certificates, as
 * scipy, statsmodels, Python and the original's {@code core.py} gave them.
 */
final class StatsRunner implements CaseRunner {
  /** Of the reference data for statistics. */
  static final Tolerance TOLERANCE = new Tolerance(1e-9, 1e-12);

  @Override
  public boolean handles(GoldenCase c) {
    return c.has("json") && c.source().contains("_lower_confidence_bound");
  }

  @Override
  public void run(
      GoldenCase c, GoldenArrays arrays, Device device, DType dtype, Comparison comparison) {
    JsonNode json = c.json("json");
    Tolerance tolerance = c.tolerance();
    forEach(json, "confint", (row, e) -> confidenceBounds(row, e, tolerance, comparison));
    forEach(json, "radii", (row, e) -> radius(row, e, tolerance, comparison));
    forEach(json, "certify", (row, e) -> certify(row, e, tolerance, comparison));
    forEach(
        json,
        "norm_ppf",
        (row, e) ->
            comparison.close(
                row,
                PythonNumbers.parse(e.get("ppf")),
                ConfidenceBounds.normalQuantile(e.get("p").asDouble()),
                tolerance));
    forEach(
        json,
        "binom_test",
        (row, e) ->
            comparison.close(
                row,
                PythonNumbers.parse(e.get("p")),
                ConfidenceBounds.binomTest(e.get("count1").asLong(), e.get("count2").asLong()),
                tolerance));
    forEach(
        json,
        "format_colon_dot3",
        (row, e) ->
            comparison.exact(
                row, e.get("s").asText(), PythonFormat.radius3(PythonNumbers.parse(e.get("v")))));
  }

  private interface Entry {
    void compare(String row, JsonNode golden);
  }

  private static void forEach(JsonNode json, String section, Entry entry) {
    int i = 0;
    for (JsonNode golden : json.path(section)) {
      entry.compare(section + "[" + i++ + "]", golden);
    }
  }

  private static void confidenceBounds(
      String row, JsonNode golden, Tolerance tolerance, Comparison comparison) {
    long k = golden.get("k").asLong();
    long n = golden.get("n").asLong();
    double alpha = golden.get("alpha").asDouble();
    double lower = ConfidenceBounds.lower(k, n, alpha);
    double upper = ConfidenceBounds.upper(k, n, alpha);
    comparison.close(row + ".lower", PythonNumbers.parse(golden.get("lower")), lower, tolerance);
    comparison.close(row + ".upper", PythonNumbers.parse(golden.get("upper")), upper, tolerance);
    comparison.close(
        row + ".ppf_lower",
        PythonNumbers.parse(golden.get("ppf_lower")),
        ConfidenceBounds.normalQuantile(lower),
        tolerance);
    comparison.exact(row + ".abstain", golden.get("abstain").asBoolean(), lower < 0.5);
  }

  private static void radius(
      String row, JsonNode golden, Tolerance tolerance, Comparison comparison) {
    long k = golden.get("k").asLong();
    long n = golden.get("n").asLong();
    // Whichever class the other samples went to, class 0 is the one selected.
    Certificate certificate =
        new Certifier(golden.get("sigma").asDouble(), golden.get("alpha").asDouble())
            .certify(new long[] {1, 0}, new long[] {k, n - k});
    comparison.exact(row + ".abstain", golden.get("abstain").asBoolean(), certificate.abstains());
    compareRadius(row, golden, certificate, tolerance, comparison);
  }

  private static void certify(
      String row, JsonNode golden, Tolerance tolerance, Comparison comparison) {
    long[] selection = new long[golden.get("classes").asInt()];
    for (long label : PythonNumbers.longs(golden.get("n0_predictions"))) {
      selection[(int) label]++;
    }
    Certificate certificate =
        new Certifier(golden.get("sigma").asDouble(), golden.get("alpha").asDouble())
            .certify(selection, PythonNumbers.longs(golden.get("n_counts")));
    comparison.exact(
        row + ".prediction", golden.get("prediction").asInt(), certificate.prediction());
    compareRadius(row, golden, certificate, tolerance, comparison);
  }

  private static void compareRadius(
      String row,
      JsonNode golden,
      Certificate certificate,
      Tolerance tolerance,
      Comparison comparison) {
    comparison.close(
        row + ".radius",
        PythonNumbers.parse(golden.get("radius")),
        certificate.radius(),
        tolerance);
    comparison.exact(
        row + ".printed",
        golden.get("printed").asText(),
        PythonFormat.radius3(certificate.radius()));
  }
}
