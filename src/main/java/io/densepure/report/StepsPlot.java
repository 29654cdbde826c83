package io.densepure.report;

import io.densepure.certify.CertifiedAccuracy;
import io.densepure.certify.PythonFormat;
import java.awt.Color;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;

/** Certified accuracy for numbers of reverse steps b: a group of bars a radius. */
public record StepsPlot(
    String title, SortedMap<Integer, CertifiedAccuracy> bySteps, List<Double> radii) {
  private static final Color FEW = new Color(0xC6DBEF);
  private static final Color MANY = new Color(0x08306B);

  /**
   * Writes {@code file}, as SVG, PDF or PNG by its extension.
   *
   * @throws io.densepure.InputException if it cannot be written
   */
  public void write(Path file) {
    CategoryChart chart =
        FigureStyle.applyTo(
            new CategoryChart(FigureStyle.WIDTH, FigureStyle.HEIGHT), title, "L2 radius");
    chart.getStyler().setAvailableSpaceFill(0.85);
    chart.getStyler().setPlotGridVerticalLinesVisible(false);
    List<String> groups = radii.stream().map(PythonFormat::repr).toList();
    int index = 0;
    for (var entry : bySteps.entrySet()) {
      int steps = entry.getKey();
      List<Double> heights = radii.stream().map(r -> 100 * entry.getValue().atRadius(r)).toList();
      CategorySeries series =
          chart.addSeries(steps + (steps == 1 ? " step" : " steps"), groups, heights);
      series.setFillColor(shade(index++, bySteps.size()));
    }
    ChartFile.write(chart, file);
  }

  /** From light to dark, which any eye and any printer tells apart. */
  private static Color shade(int index, int count) {
    float t = count == 1 ? 0.6f : (float) index / (count - 1);
    return new Color(
        mix(FEW.getRed(), MANY.getRed(), t),
        mix(FEW.getGreen(), MANY.getGreen(), t),
        mix(FEW.getBlue(), MANY.getBlue(), t));
  }

  private static int mix(int from, int to, float t) {
    return Math.round(from + (to - from) * t);
  }
}
