package io.densepure.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.certify.Certificate;
import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.PythonFormat;
import io.densepure.certify.ResultRow;
import io.densepure.pipeline.CertifyRequest;
import java.io.PrintStream;
import java.util.List;

/**
 * The results of one run as text or JSON.
 *
 * @param targets null for a run without target radii
 */
record ResultTable(
    String title,
    CertifyRequest request,
    List<String> classNames,
    List<CertifiedImage> results,
    TargetReport targets) {
  private static final int MAX_ROWS = 100;
  static final double[] RADII = {0, 0.1, 0.2, 0.25, 0.3, 0.5, 0.75, 1.0, 1.25, 1.5};

  void print(PrintStream out) {
    out.println();
    out.printf("%s (sigma %s, N %d)%n", title, request.sigma(), request.plan().n());
    out.printf(
        "%6s  %-12s %-12s %7s  %-7s %s%n", "idx", "label", "predict", "radius", "correct", "time");
    for (CertifiedImage r : results.subList(0, Math.min(MAX_ROWS, results.size()))) {
      ResultRow row = r.row();
      out.printf(
          "%6d  %-12s %-12s %7s  %-7s %s%n",
          row.idx(),
          className(row.label()),
          className(row.predict()),
          PythonFormat.radius3(row.radius()),
          row.correct() ? "yes" : "no",
          row.time());
    }
    if (results.size() > MAX_ROWS) {
      out.printf("   ... and %d more%n", results.size() - MAX_ROWS);
    }
    out.println(summary());
    int notFinite = notFinite();
    if (notFinite > 0) {
      out.printf(
          "Without a finite result (NaN or infinity): %,d lane%s, counted against the predictions%n",
          notFinite, notFinite == 1 ? "" : "s");
    }
    if (targets != null) {
      out.println(targets.text(results));
    }
    out.println("Written to " + request.outfile());
  }

  private String summary() {
    CertifiedAccuracy accuracy = accuracy();
    StringBuilder s = new StringBuilder("Certified accuracy:");
    for (double r : RADII) {
      if (r == 0 || r <= maxRadius()) {
        s.append("  %.1f %% at %s".formatted(100 * accuracy.atRadius(r), r));
      }
    }
    return s.append("  (abstained on %.1f %%)".formatted(100 * accuracy.abstentionRate()))
        .toString();
  }

  CertifiedAccuracy accuracy() {
    return new CertifiedAccuracy(results.stream().map(CertifiedImage::row).toList());
  }

  /** The largest radius among the results that are right; 0 if there is none. */
  double maxRadius() {
    return results.stream()
        .filter(r -> r.row().correct())
        .mapToDouble(r -> r.certificate().radius())
        .max()
        .orElse(0);
  }

  private int notFinite() {
    return results.stream().mapToInt(CertifiedImage::notFinite).sum();
  }

  private String className(int label) {
    return label == Certificate.ABSTAIN ? "abstain" : classNames.get(label);
  }

  ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("method", title)
        .put("sigma", request.sigma())
        .put("alpha", request.alpha())
        .put("bound", request.guarantee().bound())
        .put("n0", request.plan().n0())
        .put("n", request.plan().n())
        .put("votes", request.plan().votes())
        .put("table", request.outfile().toString())
        .put("journal", request.journal().toString());
    for (CertifiedImage r : results) {
      Certificate c = r.certificate();
      ObjectNode image =
          node.withArray("images")
              .addObject()
              .put("idx", r.index())
              .put("label", r.label())
              .put("predict", c.prediction())
              .put("radius", c.radius())
              .put("pABar", c.pABar())
              .put("nA", c.nA())
              .put("n", c.n())
              .put("correct", c.prediction() == r.label())
              .put("seconds", r.seconds())
              .put("not_finite", r.notFinite());
      if (targets != null) {
        targets.addTo(image, r.index());
      }
    }
    CertifiedAccuracy accuracy = accuracy();
    for (double r : RADII) {
      node.withObject("/certified_accuracy").put(String.valueOf(r), accuracy.atRadius(r));
    }
    return node.put("not_finite", notFinite())
        .put("abstention_rate", accuracy.abstentionRate())
        .put("average_certified_radius", accuracy.averageCertifiedRadius());
  }
}
