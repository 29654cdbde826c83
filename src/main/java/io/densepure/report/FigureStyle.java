package io.densepure.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How all figures look: plain axes, the legend beside the curves, colours for any eye. */
final class FigureStyle {
  static final int WIDTH = 820;
  static final int HEIGHT = 460;
  // About what is left for the curves.
  static final double PLOT_WIDTH = 520;
  static final double PLOT_HEIGHT = 370;
  private static final float STROKE = 2f;
  private static final float[] DASH = {7, 4};
  private static final int BAND_ALPHA = 45;
  // Told apart with any colour vision (Okabe and Ito); in grey by the markers.
  private static final Color[] COLORS = {
    new Color(0x0072B2),
    new Color(0xD55E00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0xE69F00),
    new Color(0x56B4E9),
    new Color(0x000000)
  };
  private static final Marker[] MARKERS = {
    SeriesMarkers.CIRCLE,
    SeriesMarkers.TRIANGLE_UP,
    SeriesMarkers.SQUARE,
    SeriesMarkers.DIAMOND,
    SeriesMarkers.TRIANGLE_DOWN,
    SeriesMarkers.CROSS,
    SeriesMarkers.PLUS
  };

  private FigureStyle() {}

  /**
   * Fonts, grid, legend and titles; the vertical axis is the certified accuracy in percent.
   *
   * @param title empty for none
   * @return the chart
   */
  static <C extends Chart<? extends AxesChartStyler, ?>> C applyTo(
      C chart, String title, String xAxis) {
    chart.setTitle(title);
    chart.setXAxisTitle(xAxis);
    chart.setYAxisTitle("certified accuracy (%)");
    AxesChartStyler style = chart.getStyler();
    style.setChartTitleVisible(!title.isEmpty());
    apply(style);
    return chart;
  }

  private static void apply(AxesChartStyler style) {
    style.setChartBackgroundColor(Color.WHITE);
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 16));
    style.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    style.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    style.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    style.setChartFontColor(new Color(0x222222));
    style.setAxisTickLabelsColor(new Color(0x444444));
    style.setLegendPosition(LegendPosition.OutsideE);
    style.setLegendBorderColor(Color.WHITE);
    style.setLegendSeriesLineLength(36);
    style.setChartPadding(14);
    style.setPlotBorderVisible(false);
    style.setPlotContentSize(0.97);
    style.setPlotMargin(0);
    style.setPlotGridLinesColor(new Color(0xE2E2E2));
    style.setPlotGridLinesStroke(new BasicStroke(1f));
    style.setAxisTickMarksColor(new Color(0x888888));
    style.setYAxisMin(0.0);
    style.setYAxisMax(100.0);
    style.setYAxisDecimalPattern("0");
    style.setYAxisTickMarkSpacingHint(60);
  }

  static Color color(int index) {
    return COLORS[index % COLORS.length];
  }

  /** A shape for each index. */
  static Marker marker(int index) {
    return MARKERS[index % MARKERS.length];
  }

  /** Colour, dash and marker of a line. */
  static void line(XYSeries series, int index, boolean dashed, Marker marker) {
    series.setLineColor(color(index));
    series.setMarkerColor(color(index));
    series.setMarker(marker);
    series.setLineStyle(
        new BasicStroke(
            STROKE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, dashed ? DASH : null, 0f));
  }

  /** Fills the area between two lines over the same {@code x}; it is not in the legend. */
  static void band(
      XYChart chart, String name, List<Double> x, List<Double> low, List<Double> high, int index) {
    List<Double> aroundX = new ArrayList<>(x);
    List<Double> aroundY = new ArrayList<>(high);
    for (int i = x.size() - 1; i >= 0; i--) {
      aroundX.add(x.get(i));
      aroundY.add(low.get(i));
    }
    XYSeries series = chart.addSeries("band of " + name, aroundX, aroundY);
    Color color = color(index);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.PolygonArea);
    series.setFillColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), BAND_ALPHA));
    series.setLineStyle(SeriesLines.NONE);
    series.setMarker(SeriesMarkers.NONE);
    series.setShowInLegend(false);
  }
}
