package io.densepure.report;

import java.awt.Graphics2D;
import java.awt.geom.Point2D;
import org.knowm.xchart.style.markers.Marker;

/** Draws a marker only where the last one is some way off: a staircase has too many points. */
final class SparseMarker extends Marker {
  private static final double DISTANCE = 45;

  private final Marker marker;
  private final Point2D.Double last = new Point2D.Double(Double.NaN, Double.NaN);

  SparseMarker(Marker marker) {
    this.marker = marker;
  }

  @Override
  public void paint(Graphics2D g, double x, double y, int size) {
    if (!(last.distance(x, y) < DISTANCE)) {
      marker.paint(g, x, y, size);
      last.setLocation(x, y);
    }
  }
}
