package io.densepure.report;

import io.densepure.certify.CertifiedAccuracy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;

/** The paper's main figure: certified accuracy against radius, one curve a run. */
public final class AccuracyPlot {
  private static final double MARGIN = 1.08;
  private static final int MARKERS = 8;

  /**
   * One run.
   *
   * @param name in the legend
   * @param oneShot dashed, as the original has Carlini et al.'s one-shot denoising; if there are as
   *     many dashed curves as solid ones, the first of each share a colour, and so on
   */
  public record Curve(String name, CertifiedAccuracy accuracy, boolean oneShot) {}

  private final String title;
  private final List<Curve> curves;
  private final double maxRadius;
  private final Double confidence;

  /**
   * @param title empty for none
   * @param curves at least one
   * @param maxRadius right end of the axis; null for a little beyond the largest radius
   * @param confidence of Clopper-Pearson bands around the curves; null for none
   */
  public AccuracyPlot(String title, List<Curve> curves, Double maxRadius, Double confidence) {
    this.title = title;
    this.curves = List.copyOf(curves);
    this.maxRadius = maxRadius == null ? MARGIN * largest(curves) : maxRadius;
    this.confidence = confidence;
  }

  private static double largest(List<Curve> curves) {
    double largest =
        curves.stream().flatMap(c -> c.accuracy.radii().stream()).reduce(0.0, Math::max);
    return largest > 0 && largest < Double.POSITIVE_INFINITY ? largest : 1;
  }

  /**
   * Writes {@code file}, as SVG, PDF or PNG by its extension.
   *
   * @throws io.densepure.InputException if it cannot be written
   */
  public void write(Path file) {
    XYChart chart =
        FigureStyle.applyTo(new XYChart(FigureStyle.WIDTH, FigureStyle.HEIGHT), title, "L2 radius");
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax(maxRadius);
    chart.getStyler().setXAxisDecimalPattern("0.0#");
    long dashed = curves.stream().filter(Curve::oneShot).count();
    boolean pairs = dashed > 1 && 2 * dashed == curves.size();
    int[] next = new int[2];
    for (int i = 0; i < curves.size(); i++) {
      Curve curve = curves.get(i);
      addCurve(chart, curve, pairs ? next[curve.oneShot ? 1 : 0]++ : i);
    }
    ChartFile.write(chart, file);
  }

  private void addCurve(XYChart chart, Curve curve, int index) {
    // A staircase: down at each radius. Points between are for markers.
    SortedSet<Double> radii = new TreeSet<>(curve.accuracy.radii());
    for (int i = 0; i <= MARKERS; i++) {
      radii.add(maxRadius * i / MARKERS);
    }
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    List<Double> low = new ArrayList<>();
    List<Double> high = new ArrayList<>();
    for (double radius : radii.headSet(Math.nextUp(maxRadius))) {
      if (radius > 0 && curve.accuracy.atRadius(radius) == 0) {
        break;
      }
      for (double r : new double[] {radius, Math.nextUp(radius)}) {
        x.add(radius);
        y.add(100 * curve.accuracy.atRadius(r));
        if (confidence != null) {
          CertifiedAccuracy.Interval interval = curve.accuracy.interval(r, confidence);
          low.add(100 * interval.low());
          high.add(100 * interval.high());
        }
      }
    }
    if (confidence != null) {
      FigureStyle.band(chart, curve.name, x, low, high, index);
    }
    Dashes line = new Dashes(x, y);
    if (curve.oneShot) {
      line = Dashes.of(x, y, FigureStyle.PLOT_WIDTH / maxRadius, FigureStyle.PLOT_HEIGHT / 100);
    }
    XYSeries series = chart.addSeries(curve.name, line.x(), line.y());
    FigureStyle.line(series, index, curve.oneShot, new SparseMarker(FigureStyle.marker(index)));
  }
}
