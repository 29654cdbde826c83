package io.densepure.cli;

import io.densepure.InputException;
import java.util.List;

/** {@code --radii} of the commands that have it. */
final class RadiiCheck {
  private RadiiCheck() {}

  /**
   * @throws InputException naming the first that is negative or not finite
   */
  static void check(List<Double> radii) {
    for (double radius : radii) {
      if (!(radius >= 0) || Double.isInfinite(radius)) {
        throw InputException.of("--radii: %s is no radius; radii are 0 or more", radius);
      }
    }
  }
}
