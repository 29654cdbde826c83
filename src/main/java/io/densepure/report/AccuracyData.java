package io.densepure.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.CertifiedAccuracy.Interval;
import io.densepure.certify.PythonFormat;
import java.util.ArrayList;
import java.util.List;

/** A table of accuracies for programs: fractions with all their digits. */
final class AccuracyData {
  private final AccuracyTable table;

  AccuracyData(AccuracyTable table) {
    this.table = table;
  }

  String csv() {
    List<String> header =
        new ArrayList<>(List.of("run", "images", "abstention_rate", "average_certified_radius"));
    for (double radius : table.radii()) {
      String name = "accuracy_at_" + PythonFormat.repr(radius);
      header.add(name);
      if (table.bounds().confidence() != null) {
        header.addAll(List.of(name + "_low", name + "_high"));
      }
      if (table.bounds().highProbability() != null) {
        header.add(name + "_at_least");
      }
    }
    StringBuilder out = new StringBuilder(String.join(",", header)).append('\n');
    for (AccuracyTable.Run run : table.runs()) {
      out.append(String.join(",", cells(run))).append('\n');
    }
    return out.toString();
  }

  private List<String> cells(AccuracyTable.Run run) {
    CertifiedAccuracy accuracy = run.accuracy();
    List<String> cells = new ArrayList<>();
    cells.add(quoted(run.name()));
    cells.add(Integer.toString(accuracy.images()));
    cells.add(PythonFormat.repr(accuracy.abstentionRate()));
    cells.add(PythonFormat.repr(accuracy.averageCertifiedRadius()));
    for (double radius : table.radii()) {
      cells.add(PythonFormat.repr(accuracy.atRadius(radius)));
      if (table.bounds().confidence() != null) {
        Interval interval = accuracy.interval(radius, table.bounds().confidence());
        cells.add(PythonFormat.repr(interval.low()));
        cells.add(PythonFormat.repr(interval.high()));
      }
      if (table.bounds().highProbability() != null) {
        cells.add(PythonFormat.repr(accuracy.atLeast(radius, table.bounds().highProbability())));
      }
    }
    return cells;
  }

  private static String quoted(String name) {
    boolean plain = name.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
  }

  ObjectNode json() {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    ArrayNode lines = all.putArray("runs");
    for (AccuracyTable.Run run : table.runs()) {
      CertifiedAccuracy accuracy = run.accuracy();
      ObjectNode line = lines.addObject().put("run", run.name());
      line.put("images", accuracy.images());
      line.put("abstention_rate", accuracy.abstentionRate());
      line.put("average_certified_radius", accuracy.averageCertifiedRadius());
      ArrayNode curve = line.putArray("certified_accuracy");
      table.radii().forEach(radius -> describe(curve.addObject(), accuracy, radius));
    }
    return all;
  }

  private void describe(ObjectNode point, CertifiedAccuracy accuracy, double radius) {
    point.put("radius", radius).put("accuracy", accuracy.atRadius(radius));
    if (table.bounds().confidence() != null) {
      Interval interval = accuracy.interval(radius, table.bounds().confidence());
      point.put("low", interval.low()).put("high", interval.high());
    }
    if (table.bounds().highProbability() != null) {
      point.put("at_least", accuracy.atLeast(radius, table.bounds().highProbability()));
    }
  }
}
