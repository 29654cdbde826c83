package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.util.Arrays;

/** Compares class scores with the array {@code logits}, and the classes that follow from them. */
final class LogitsCheck {
  private LogitsCheck() {}

  /**
   * Scores within the tolerance and the same classes: exactly in float32; in 16 bits only where the
   * golden margin between the two best classes is larger than both their tolerances.
   *
   * @param shape of {@code logits}, {@code [N, classes]}
   * @return the class of each row, that of the golden scores where those tie
   */
  static long[] compare(Trial trial, Shape shape, float[] logits) {
    trial.compare("logits", shape, logits);
    HostTensor golden = trial.arrays().get("logits");
    Tolerance tolerance = trial.precision().elementwise(golden);
    int classes = shape.dim(1);
    float[] expectedLogits = golden.toFloats();
    long[] expected = CaseClassifier.labels(expectedLogits, classes);
    long[] actual = CaseClassifier.labels(logits, classes);
    if (trial.dtype() != DType.F32 && golden.shape().equals(shape)) {
      for (int i = 0; i < expected.length; i++) {
        float[] row = Arrays.copyOfRange(expectedLogits, i * classes, (i + 1) * classes);
        actual[i] = isTie(row, tolerance) ? expected[i] : actual[i];
      }
    }
    trial.comparison().exact("predictions", expected, actual);
    return actual;
  }

  private static boolean isTie(float[] row, Tolerance tolerance) {
    Arrays.sort(row);
    float best = row[row.length - 1];
    float second = row[row.length - 2];
    return best - second <= tolerance.allowed(best) + tolerance.allowed(second);
  }
}
