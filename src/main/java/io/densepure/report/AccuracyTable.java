package io.densepure.report;

import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.CertifiedAccuracy.Interval;
import io.densepure.certify.PythonFormat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Certified accuracy at radii, one line per run. For people in percent, with the best of a column
 * in bold where there is bold (as the original's tables have it); for programs as fractions.
 *
 * @param runs at least one
 * @param radii L2 radii, the columns
 * @param bounds what is said about how sure the numbers are
 */
public record AccuracyTable(List<Run> runs, List<Double> radii, AccuracyBounds bounds) {
  /** How a table is written down. */
  public enum Format {
    TEXT,
    CSV,
    MARKDOWN,
    LATEX,
    JSON
  }

  /**
   * One line.
   *
   * @param name of the run
   */
  public record Run(String name, CertifiedAccuracy accuracy) {}

  /** What a cell says, and whether nothing in its column is better. */
  private record Cell(String text, boolean best) {}

  public AccuracyTable(List<Run> runs, List<Double> radii) {
    this(runs, radii, AccuracyBounds.NONE);
  }

  /** The table, ending with a newline. */
  public String render(Format format) {
    return switch (format) {
      case TEXT -> text();
      case MARKDOWN -> markdown();
      case LATEX -> latex();
      case CSV -> new AccuracyData(this).csv();
      case JSON -> new AccuracyData(this).json().toPrettyString() + "\n";
    };
  }

  private String text() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(header("r=%s", " [low, high]", " at least"));
    for (Run run : runs) {
      lines.add(cells(run, "%s [%s, %s]", "%s >=%s").stream().map(Cell::text).toList());
    }
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < lines.get(0).size(); column++) {
      int at = column;
      widths.add(
          lines.stream().map(row -> row.get(at).length()).max(Comparator.naturalOrder()).get());
    }
    StringBuilder out = new StringBuilder("Certified accuracy and abstention in percent\n");
    for (List<String> row : lines) {
      out.append(pad(row.get(0), -widths.get(0)));
      for (int column = 1; column < row.size(); column++) {
        out.append("  ").append(pad(row.get(column), widths.get(column)));
      }
      out.append('\n');
    }
    bounds.notes().forEach(note -> out.append(note).append('\n'));
    return out.toString();
  }

  private static String pad(String text, int width) {
    return String.format("%" + width + "s", text);
  }

  private String markdown() {
    StringBuilder out = new StringBuilder();
    List<String> header = header("r=%s", " [low, high]", " (at least)");
    out.append("| ").append(String.join(" | ", header)).append(" |\n");
    out.append("|---|").append("---:|".repeat(header.size() - 1)).append('\n');
    for (Run run : runs) {
      List<String> row =
          cells(run, "%s [%s, %s]", "%s (%s)").stream().map(cell -> bold(cell, "**%s**")).toList();
      out.append("| ").append(row.get(0).replace("|", "\\|")).append(" | ");
      out.append(String.join(" | ", row.subList(1, row.size()))).append(" |\n");
    }
    bounds.notes().forEach(note -> out.append('\n').append(note).append('\n'));
    return out.toString();
  }

  /** For LaTeX's booktabs package. */
  private String latex() {
    StringBuilder out = new StringBuilder("% \\usepackage{booktabs}; accuracy in percent\n");
    bounds.notes().forEach(note -> out.append("% ").append(note).append('\n'));
    List<String> header = header("$r = %s$", "", "");
    out.append("\\begin{tabular}{l").append("r".repeat(header.size() - 1)).append("}\n\\toprule\n");
    out.append(String.join(" & ", header)).append(" \\\\\n\\midrule\n");
    for (Run run : runs) {
      List<String> row =
          cells(run, "%s {\\scriptsize [%s, %s]}", "%s {\\scriptsize $\\geq$ %s}").stream()
              .map(cell -> bold(cell, "\\textbf{%s}"))
              .toList();
      out.append(LatexText.escape(row.get(0))).append(" & ");
      out.append(String.join(" & ", row.subList(1, row.size()))).append(" \\\\\n");
    }
    return out.append("\\bottomrule\n\\end{tabular}\n").toString();
  }

  private String bold(Cell cell, String format) {
    return cell.best && runs.size() > 1 ? format.formatted(cell.text) : cell.text;
  }

  private List<String> header(String radius, String interval, String atLeast) {
    List<String> header = new ArrayList<>(List.of("run", "images", "abstained", "ACR"));
    String suffix =
        (bounds.confidence() == null ? "" : interval)
            + (bounds.highProbability() == null ? "" : atLeast);
    radii.forEach(r -> header.add(radius.formatted(PythonFormat.repr(r)) + suffix));
    return header;
  }

  private List<Cell> cells(Run run, String withInterval, String withBound) {
    CertifiedAccuracy accuracy = run.accuracy;
    List<Cell> row = new ArrayList<>();
    row.add(new Cell(run.name, false));
    row.add(new Cell(Integer.toString(accuracy.images()), false));
    row.add(new Cell(percent(accuracy.abstentionRate()), false));
    row.add(
        new Cell(
            String.format(Locale.ROOT, "%.3f", accuracy.averageCertifiedRadius()),
            isBest(run, CertifiedAccuracy::averageCertifiedRadius)));
    for (double radius : radii) {
      String cell = percent(accuracy.atRadius(radius));
      if (bounds.confidence() != null) {
        Interval interval = accuracy.interval(radius, bounds.confidence());
        cell = withInterval.formatted(cell, percent(interval.low()), percent(interval.high()));
      }
      if (bounds.highProbability() != null) {
        double bound = accuracy.atLeast(radius, bounds.highProbability());
        cell = withBound.formatted(cell, percent(bound));
      }
      row.add(new Cell(cell, isBest(run, a -> a.atRadius(radius))));
    }
    return row;
  }

  private boolean isBest(Run run, ToDoubleFunction<CertifiedAccuracy> quantity) {
    double mine = quantity.applyAsDouble(run.accuracy);
    return runs.stream().noneMatch(other -> quantity.applyAsDouble(other.accuracy) > mine);
  }

  private static String percent(double fraction) {
    return String.format(Locale.ROOT, "%.1f", 100 * fraction);
  }
}
