package io.densepure.parity;

import io.densepure.compute.DType;
import java.util.Comparator;
import java.util.List;

/**
 * What became of one case.
 *
 * @param dtype what activations were stored as
 * @param maxAbsError largest |actual − expected| of the row that used most of its tolerance; NaN if
 *     nothing was compared
 * @param tolerance of that row
 * @param percentOfTolerance that this row used
 * @param message why the case failed or is unsupported; empty if it passed
 * @param rows every comparison made
 */
public record ParityResult(
    String id,
    String group,
    Status status,
    DType dtype,
    double maxAbsError,
    Tolerance tolerance,
    double percentOfTolerance,
    String message,
    List<TensorRow> rows) {
  /** The word that starts a case's line. */
  public enum Status {
    PASS,
    FAIL,
    /** Nothing here can run this case. */
    UNSUPPORTED
  }

  static ParityResult of(
      GoldenCase c, Status status, DType dtype, String message, List<TensorRow> rows) {
    TensorRow worst =
        rows.stream()
            .max(Comparator.comparingDouble(TensorRow::percentOfTolerance))
            .orElse(new TensorRow("", "", Double.NaN, c.tolerance(), Double.NaN, ""));
    return new ParityResult(
        c.id(),
        c.group(),
        status,
        dtype,
        worst.maxAbsError(),
        worst.tolerance(),
        worst.percentOfTolerance(),
        message,
        List.copyOf(rows));
  }
}
