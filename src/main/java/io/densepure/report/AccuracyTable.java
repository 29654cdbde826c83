package io.densepure.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.PythonFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Certified accuracy at radii, one line per run. For people in percent, and in Markdown with the
 * best of a column in bold (as the original's figures have it); for programs as fractions.
 *
 * @param runs at least one
 * @param radii L2 radii, the columns
 */
public record AccuracyTable(List<Run> runs, List<Double> radii) {
  /** How a table is written down. */
  public enum Format {
    TEXT,
    CSV,
    MARKDOWN,
    JSON
  }

  /**
   * One line.
   *
   * @param name of the run
   */
  public record Run(String name, CertifiedAccuracy accuracy) {}

  /** The table, ending with a newline. */
  public String render(Format format) {
    return switch (format) {
      case TEXT -> text();
      case CSV -> csv();
      case MARKDOWN -> markdown();
      case JSON -> json().toPrettyString() + "\n";
    };
  }

  private String text() {
    List<List<String>> cells = new ArrayList<>();
    cells.add(header());
    runs.forEach(run -> cells.add(percents(run, false)));
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < header().size(); column++) {
      int at = column;
      widths.add(
          cells.stream().map(row -> row.get(at).length()).max(Comparator.naturalOrder()).get());
    }
    StringBuilder out = new StringBuilder("Certified accuracy and abstention in percent\n");
    for (List<String> row : cells) {
      out.append(pad(row.get(0), -widths.get(0)));
      for (int column = 1; column < row.size(); column++) {
        out.append("  ").append(pad(row.get(column), widths.get(column)));
      }
      out.append('\n');
    }
    return out.toString();
  }

  private static String pad(String text, int width) {
    return String.format("%" + width + "s", text);
  }

  private String markdown() {
    StringBuilder out = new StringBuilder();
    List<String> header = header();
    out.append("| ").append(String.join(" | ", header)).append(" |\n");
    out.append("|---|").append("---:|".repeat(header.size() - 1)).append('\n');
    for (Run run : runs) {
      List<String> row = percents(run, runs.size() > 1);
      row.set(0, row.get(0).replace("|", "\\|"));
      out.append("| ").append(String.join(" | ", row)).append(" |\n");
    }
    return out.toString();
  }

  private List<String> header() {
    List<String> header = new ArrayList<>(List.of("run", "images", "abstained", "ACR"));
    radii.forEach(radius -> header.add("r=" + PythonFormat.repr(radius)));
    return header;
  }

  private List<String> percents(Run run, boolean boldBest) {
    CertifiedAccuracy accuracy = run.accuracy;
    List<String> row = new ArrayList<>();
    row.add(run.name);
    row.add(Integer.toString(accuracy.images()));
    row.add(percent(accuracy.abstentionRate()));
    row.add(String.format(Locale.ROOT, "%.3f", accuracy.averageCertifiedRadius()));
    for (double radius : radii) {
      String cell = percent(accuracy.atRadius(radius));
      boolean best =
          runs.stream().noneMatch(r -> r.accuracy.atRadius(radius) > accuracy.atRadius(radius));
      row.add(boldBest && best ? "**" + cell + "**" : cell);
    }
    return row;
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f", 100 * fraction);
  }

  private String csv() {
    StringBuilder out = new StringBuilder("run,images,abstention_rate,average_certified_radius");
    radii.forEach(radius -> out.append(",accuracy_at_").append(PythonFormat.repr(radius)));
    out.append('\n');
    for (Run run : runs) {
      out.append(quoted(run.name)).append(',').append(run.accuracy.images());
      out.append(',').append(PythonFormat.repr(run.accuracy.abstentionRate()));
      out.append(',').append(PythonFormat.repr(run.accuracy.averageCertifiedRadius()));
      radii.forEach(
          radius -> out.append(',').append(PythonFormat.repr(run.accuracy.atRadius(radius))));
      out.append('\n');
    }
    return out.toString();
  }

  private static String quoted(String name) {
    boolean plain = name.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
  }

  private ObjectNode json() {
    ObjectNode table = JsonNodeFactory.instance.objectNode();
    ArrayNode lines = table.putArray("runs");
    for (Run run : runs) {
      ObjectNode line = lines.addObject().put("run", run.name);
      line.put("images", run.accuracy.images());
      line.put("abstention_rate", run.accuracy.abstentionRate());
      line.put("average_certified_radius", run.accuracy.averageCertifiedRadius());
      ArrayNode curve = line.putArray("certified_accuracy");
      radii.forEach(
          r -> curve.addObject().put("radius", r).put("accuracy", run.accuracy.atRadius(r)));
    }
    return table;
  }
}
