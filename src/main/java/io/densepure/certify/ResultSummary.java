package io.densepure.certify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A run's results as one JSON object, for programs to read. */
public final class ResultSummary {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ResultSummary() {}

  /**
   * @param images at least one
   * @param radii where the certified accuracy is wanted
   */
  public static ObjectNode of(RunHeader header, List<CertifiedImage> images, double[] radii) {
    ObjectNode summary = MAPPER.createObjectNode();
    summary.set("config", header.config());
    summary.set("versions", header.versions());
    summary.put("n0", header.plan().n0()).put("n", header.plan().n());
    summary.put("votes", header.plan().votes());
    summary.put("images", images.size());
    summary.put("seconds", images.stream().mapToDouble(CertifiedImage::seconds).sum());
    CertifiedAccuracy accuracy =
        new CertifiedAccuracy(images.stream().map(CertifiedImage::row).toList());
    summary.put("abstention_rate", accuracy.abstentionRate());
    summary.put("average_certified_radius", accuracy.averageCertifiedRadius());
    ArrayNode curve = summary.putArray("certified_accuracy");
    for (double radius : radii) {
      curve.addObject().put("radius", radius).put("accuracy", accuracy.atRadius(radius));
    }
    ArrayNode results = summary.putArray("results");
    images.forEach(image -> addResult(results.addObject(), image));
    return summary;
  }

  private static void addResult(ObjectNode result, CertifiedImage image) {
    Certificate certificate = image.certificate();
    result.put("idx", image.index()).put("label", image.label());
    result.put("predict", certificate.prediction()).put("radius", certificate.radius());
    result.put("correct", certificate.prediction() == image.label());
    result.put("pABar", certificate.pABar()).put("nA", certificate.nA());
    result.put("n", certificate.n()).put("seconds", image.seconds());
  }

  /** Writes the summary; the file appears whole or not at all. */
  public static void write(Path file, ObjectNode summary) {
    AtomicFile.write(file, to -> Files.writeString(to, summary.toPrettyString() + "\n"));
  }
}
