package io.densepure.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A staircase cut into dashes. A stroke's own dashes begin anew at every corner, so that many short
 * stairs would look like a solid line.
 *
 * @param x of the corners, with NaN in {@code y} where the line is interrupted
 */
record Dashes(List<Double> x, List<Double> y) {
  private static final double ON = 7;
  private static final double OFF = 4;

  /**
   * @param x corners, between which lines run level or upright
   * @param scaleX pixels of one unit of x
   * @param scaleY pixels of one unit of y
   */
  static Dashes of(List<Double> x, List<Double> y, double scaleX, double scaleY) {
    Dashes dashes = new Dashes(new ArrayList<>(), new ArrayList<>());
    dashes.add(x.get(0), y.get(0));
    double left = ON;
    boolean on = true;
    for (int i = 1; i < x.size(); i++) {
      double dx = x.get(i) - x.get(i - 1);
      double dy = y.get(i) - y.get(i - 1);
      double length = Math.hypot(dx * scaleX, dy * scaleY);
      double at = 0;
      while (length - at > left) {
        at += left;
        double px = x.get(i - 1) + dx * at / length;
        double py = y.get(i - 1) + dy * at / length;
        dashes.add(px, py);
        if (on) {
          dashes.add(px, Double.NaN);
        }
        on = !on;
        left = on ? ON : OFF;
      }
      left -= length - at;
      if (on) {
        dashes.add(x.get(i), y.get(i));
      }
    }
    return dashes;
  }

  private void add(double px, double py) {
    x.add(px);
    y.add(py);
  }
}
