package io.densepure.parity;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares what was computed with what a case records, and keeps one row per comparison. */
final class Comparison {
  private final List<TensorRow> rows = new ArrayList<>();

  List<TensorRow> rows() {
    return rows;
  }

  /**
   * Floating-point values, in C order. NaN equals NaN and an infinity equals itself, at the same
   * place.
   *
   * @param shape of {@code actual}, which must be that of {@code expected}
   */
  void close(String name, HostTensor expected, Shape shape, float[] actual, Tolerance tolerance) {
    double[] values = new double[actual.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = actual[i];
    }
    close(name, expected, shape, values, tolerance);
  }

  void close(String name, HostTensor expected, Shape shape, double[] actual, Tolerance tolerance) {
    if (!expected.shape().equals(shape)) {
      rows.add(
          failure(name, expected.shape(), "is of shape " + shape + ", not " + expected.shape()));
    } else {
      rows.add(row(name, shape, expected.toDoubles(), actual, tolerance));
    }
  }

  /** A list of floating-point values. */
  void close(String name, double[] expected, double[] actual, Tolerance tolerance) {
    if (expected.length != actual.length) {
      exact(name, expected.length + " values", actual.length + " values");
    } else {
      rows.add(row(name, Shape.of(expected.length), expected, actual, tolerance));
    }
  }

  void close(String name, double expected, double actual, Tolerance tolerance) {
    rows.add(row(name, Shape.of(), new double[] {expected}, new double[] {actual}, tolerance));
  }

  /** Integers, in C order. */
  void exact(String name, HostTensor expected, Shape shape, long[] actual) {
    if (!expected.shape().equals(shape)) {
      rows.add(
          failure(name, expected.shape(), "is of shape " + shape + ", not " + expected.shape()));
    } else {
      exact(name, shape, expected.toLongs(), actual);
    }
  }

  void exact(String name, long[] expected, long[] actual) {
    if (expected.length != actual.length) {
      exact(name, expected.length + " values", actual.length + " values");
    } else {
      exact(name, Shape.of(expected.length), expected, actual);
    }
  }

  private void exact(String name, Shape shape, long[] expected, long[] actual) {
    int wrong = 0;
    int first = -1;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != actual[i]) {
        first = wrong++ == 0 ? i : first;
      }
    }
    if (wrong == 0) {
      rows.add(success(name, shape));
    } else {
      rows.add(
          failure(
              name,
              shape,
              String.format(
                  "%d of %d integers differ, first at %s: %d instead of %d",
                  wrong, expected.length, index(shape, first), actual[first], expected[first])));
    }
  }

  /** Text, numbers or anything else with an {@code equals}. */
  void exact(String name, Object expected, Object actual) {
    boolean equal = expected.equals(actual);
    check(name, equal, equal ? "" : "is '" + actual + "' instead of '" + expected + "'");
  }

  /** A yes or no question; {@code problem} says what is wrong if the answer is no. */
  void check(String name, boolean right, String problem) {
    rows.add(right ? success(name, Shape.of()) : failure(name, Shape.of(), problem));
  }

  private static TensorRow row(
      String name, Shape shape, double[] expected, double[] actual, Tolerance tolerance) {
    double maxAbs = 0;
    double percent = 0;
    int beyond = 0;
    int worst = -1;
    for (int i = 0; i < expected.length; i++) {
      double distance = distance(expected[i], actual[i]);
      double share = share(distance, tolerance.allowed(expected[i]));
      maxAbs = Double.isInfinite(distance) ? maxAbs : Math.max(maxAbs, distance);
      beyond += share > 100 ? 1 : 0;
      if (share > percent) {
        percent = share;
        worst = i;
      }
    }
    String message =
        beyond == 0
            ? ""
            : String.format(
                "%d of %d values beyond the tolerance, worst at %s: %s instead of %s",
                beyond, expected.length, index(shape, worst), actual[worst], expected[worst]);
    return new TensorRow(name, shape.toString(), maxAbs, tolerance, percent, message);
  }

  /** Of the allowed distance, in percent. */
  private static double share(double distance, double allowed) {
    if (distance == 0) {
      return 0;
    }
    return Double.isInfinite(distance) ? distance : 100 * (distance / allowed);
  }

  /** |a − b|; 0 for equal infinities and for two NaNs, infinite if only one is a number. */
  private static double distance(double expected, double actual) {
    if (expected == actual || (Double.isNaN(expected) && Double.isNaN(actual))) {
      return 0;
    }
    double d = Math.abs(expected - actual);
    return Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
  }

  private static TensorRow success(String name, Shape shape) {
    return new TensorRow(name, shape.toString(), 0, Tolerance.EXACT, 0, "");
  }

  private static TensorRow failure(String name, Shape shape, String message) {
    return new TensorRow(
        name,
        shape.toString(),
        Double.POSITIVE_INFINITY,
        Tolerance.EXACT,
        Double.POSITIVE_INFINITY,
        message);
  }

  /** The position of element {@code flat} in an array of that shape, as {@code [0, 2, 5]}. */
  private static String index(Shape shape, int flat) {
    int[] index = new int[shape.rank()];
    int rest = flat;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      index[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    return Arrays.toString(index);
  }
}
