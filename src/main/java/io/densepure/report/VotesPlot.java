package io.densepure.report;

import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.PythonFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.knowm.xchart.XYChart;

/** Certified accuracy against the number of votes K, one line a radius: the paper's figure 5. */
public record VotesPlot(
    String title,
    SortedMap<Integer, CertifiedAccuracy> byVotes,
    List<Double> radii,
    Double confidence) {

  /**
   * Writes {@code file}, as SVG, PDF or PNG by its extension.
   *
   * @throws io.densepure.InputException if it cannot be written
   */
  public void write(Path file) {
    XYChart chart =
        FigureStyle.applyTo(
            new XYChart(FigureStyle.WIDTH, FigureStyle.HEIGHT), title, "votes per noisy copy, K");
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax(byVotes.lastKey() * 1.05);
    chart.getStyler().setXAxisDecimalPattern("0");
    chart.getStyler().setMarkerSize(8);
    for (int i = 0; i < radii.size(); i++) {
      addLine(chart, radii.get(i), i);
    }
    ChartFile.write(chart, file);
  }

  private void addLine(XYChart chart, double radius, int index) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    List<Double> low = new ArrayList<>();
    List<Double> high = new ArrayList<>();
    byVotes.forEach(
        (votes, accuracy) -> {
          x.add((double) votes);
          y.add(100 * accuracy.atRadius(radius));
          if (confidence != null) {
            low.add(100 * accuracy.interval(radius, confidence).low());
            high.add(100 * accuracy.interval(radius, confidence).high());
          }
        });
    String name = "radius " + PythonFormat.repr(radius);
    if (confidence != null) {
      FigureStyle.band(chart, name, x, low, high, index);
    }
    FigureStyle.line(chart.addSeries(name, x, y), index, false, FigureStyle.marker(index));
  }
}
