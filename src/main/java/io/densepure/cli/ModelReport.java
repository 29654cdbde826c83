package io.densepure.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.pipeline.ModelCheck;
import java.io.PrintWriter;

/** What {@code doctor --model} says about the networks. */
final class ModelReport {
  private ModelReport() {}

  static void print(ModelCheck check, PrintWriter out) {
    out.println();
    out.printf("Diffusion model %s, classifier %s%n", check.diffusion(), check.classifier());
    out.printf("on %d images of %s:%n", check.images(), check.data());
    for (ModelCheck.Finding finding : check.findings()) {
      out.printf("%-8s %s%n", finding.ok() ? "ok" : "WARNING", finding.text());
    }
    out.println(
        check.ok()
            ? "The networks do what they are for."
            : "A checkpoint is most likely not the trained one, damaged, or not for these images"
                + " and this configuration.");
  }

  static void describe(ModelCheck check, ObjectNode node) {
    node.put("diffusion", check.diffusion())
        .put("classifier", check.classifier())
        .put("data", check.data())
        .put("images", check.images())
        .put("sigma", ModelCheck.SIGMA)
        .put("ok", check.ok());
    for (ModelCheck.Finding finding : check.findings()) {
      node.withArray("checks")
          .addObject()
          .put("name", finding.name())
          .put("ok", finding.ok())
          .put("value", finding.value())
          .put("expected", finding.expected())
          .put("text", finding.text());
    }
  }
}
