package io.densepure.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The paper's main figure: certified accuracy against radius, one curve a run. */
public final class AccuracyPlot {
  private static final float STROKE = 2.5f;
  // Told apart with any colour vision (Okabe and Ito), and dashed differently for print.
  private static final Color[] COLORS = {
    new Color(0x999999),
    new Color(0xE69F00),
    new Color(0x0072B2),
    new Color(0x009E73),
    new Color(0xCC79A7)
  };
  private static final float[][] DASHES = {{2, 4}, {8, 5}, null, {12, 4, 2, 4}, {3, 3}};

  /**
   * One run.
   *
   * @param name in the legend
   * @param radii of the images that were classified correctly, in any order
   * @param images how many images there were in all
   */
  public record Curve(String name, double[] radii, int images) {
    /** Share of images that are correct with a radius of at least {@code r}, in percent. */
    double accuracyAt(double r) {
      int n = 0;
      for (double radius : radii) {
        if (radius >= r) {
          n++;
        }
      }
      return images == 0 ? 0 : 100.0 * n / images;
    }
  }

  private AccuracyPlot() {}

  /**
   * Writes {@code file}, as PNG or SVG by its extension.
   *
   * @param maxRadius right end of the axis; positive
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, String title, List<Curve> curves, double maxRadius)
      throws IOException {
    XYChart chart = chart(title, curves, maxRadius);
    String target = file.toString();
    if (target.endsWith(".svg")) {
      VectorGraphicsEncoder.saveVectorGraphic(chart, target, VectorGraphicsFormat.SVG);
    } else {
      BitmapEncoder.saveBitmapWithDPI(chart, target, BitmapFormat.PNG, 150);
    }
  }

  private static XYChart chart(String title, List<Curve> curves, double maxRadius) {
    XYChart chart =
        new XYChartBuilder()
            .width(760)
            .height(460)
            .title(title)
            .xAxisTitle("L2 radius")
            .yAxisTitle("certified accuracy (%)")
            .build();
    XYStyler style = chart.getStyler();
    style.setLegendPosition(LegendPosition.InsideNE);
    style.setLegendBorderColor(new Color(0xDDDDDD));
    style.setChartBackgroundColor(Color.WHITE);
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    style.setPlotBorderVisible(false);
    style.setPlotGridLinesColor(new Color(0xE4E4E4));
    style.setYAxisMin(0.0);
    style.setYAxisMax(100.0);
    style.setYAxisDecimalPattern("0");
    style.setXAxisMin(0.0);
    style.setXAxisMax(maxRadius);
    style.setXAxisDecimalPattern("0.00");
    style.setXAxisTickMarkSpacingHint(90);
    for (int i = 0; i < curves.size(); i++) {
      addCurve(chart, curves.get(i), maxRadius, i);
    }
    return chart;
  }

  private static void addCurve(XYChart chart, Curve curve, double maxRadius, int index) {
    // A staircase: down by one image at each radius.
    List<Double> x = new ArrayList<>(List.of(0.0));
    List<Double> y = new ArrayList<>(List.of(curve.accuracyAt(0)));
    for (double r : Arrays.stream(curve.radii()).filter(r -> r > 0).sorted().distinct().toArray()) {
      x.addAll(List.of(r, r));
      y.addAll(List.of(curve.accuracyAt(r), curve.accuracyAt(Math.nextUp(r))));
    }
    x.add(maxRadius);
    y.add(curve.accuracyAt(maxRadius));
    XYSeries series = chart.addSeries(curve.name(), x, y);
    float[] dash = DASHES[index % DASHES.length];
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(COLORS[index % COLORS.length]);
    series.setLineStyle(
        new BasicStroke(STROKE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, dash, 0f));
  }
}
