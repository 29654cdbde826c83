package io.densepure.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.certify.AdaptiveSampling.Decision;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.TargetDecisions;
import java.util.List;
import java.util.Locale;

/** What an adaptive run says about its target radii, and how many copies that took. */
record TargetReport(TargetDecisions decisions, int limit) {
  /** One line for each target, and one for the copies. */
  String text(List<CertifiedImage> results) {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < decisions.radii().size(); i++) {
      s.append(
          "Radius %s: certified for %d images, refuted for %d, open for %d%n"
              .formatted(
                  decisions.radii().get(i),
                  decisions.count(i, Decision.PROVED),
                  decisions.count(i, Decision.REFUTED),
                  decisions.count(i, Decision.OPEN)));
    }
    long used = results.stream().mapToLong(r -> r.certificate().n()).sum();
    return s.append(
            String.format(
                Locale.ROOT,
                "Copies that decided: %,d of %,d (anytime bound)",
                used,
                (long) limit * results.size()))
        .toString();
  }

  /** Adds {@code targets}: the decision about each radius. */
  void addTo(ObjectNode image, int index) {
    List<Decision> of = decisions.of(index);
    for (int i = 0; i < of.size(); i++) {
      image
          .withArray("targets")
          .addObject()
          .put("radius", decisions.radii().get(i))
          .put("decision", of.get(i).name().toLowerCase(Locale.ROOT));
    }
  }
}
