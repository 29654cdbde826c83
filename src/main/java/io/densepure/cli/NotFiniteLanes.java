package io.densepure.cli;

import io.densepure.compute.DType;
import java.io.PrintStream;
import java.util.Map;
import java.util.SortedMap;

/** Says which images have lanes whose networks gave NaN or infinity. */
final class NotFiniteLanes {
  private static final int MAX_NAMED = 10;

  private NotFiniteLanes() {}

  /**
   * @param images how many such lanes each image has; none: nothing is said
   * @param lanes of each image
   * @param dtype what the networks stored their activations as, or null if that is not known
   */
  static void warn(PrintStream err, SortedMap<Integer, Integer> images, long lanes, DType dtype) {
    if (images.isEmpty()) {
      return;
    }
    images.entrySet().stream().limit(MAX_NAMED).forEach(image -> warn(err, image, lanes));
    if (images.size() > MAX_NAMED) {
      err.printf(
          "... and %d more images; %,d such lanes in all%n",
          images.size() - MAX_NAMED, images.values().stream().mapToLong(n -> n).sum());
    }
    if (dtype != null) {
      err.println(remedy(dtype));
    }
  }

  private static void warn(PrintStream err, Map.Entry<Integer, Integer> image, long lanes) {
    err.printf(
        "image %d: %,d of %,d lanes gave no finite result (NaN or infinity): counted against the"
            + " prediction%n",
        image.getKey(), image.getValue(), lanes);
  }

  private static String remedy(DType dtype) {
    String look = "densepure doctor --model looks whether a checkpoint is damaged";
    return dtype == DType.F32
        ? look
        : "Numbers may be too large for " + dtype.label() + ": try --dtype fp32; " + look;
  }
}
