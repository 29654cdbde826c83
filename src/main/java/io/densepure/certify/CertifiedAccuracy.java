package io.densepure.certify;

import io.densepure.InputException;
import java.util.List;

/**
 * How a table of results does as a whole ({@code compute_accuracy.py}), as fractions of its images.
 */
public final class CertifiedAccuracy {
  private final List<ResultRow> rows;

  /**
   * @param rows at least one
   * @throws InputException if there is none
   */
  public CertifiedAccuracy(List<ResultRow> rows) {
    if (rows.isEmpty()) {
      throw new InputException("there are no results to take the accuracy of");
    }
    this.rows = List.copyOf(rows);
  }

  public int images() {
    return rows.size();
  }

  /** Images predicted right with a certified radius of at least {@code radius}. */
  public double atRadius(double radius) {
    return fraction(rows.stream().filter(row -> row.correct() && row.radius() >= radius).count());
  }

  /** Images without a certificate. */
  public double abstentionRate() {
    return fraction(rows.stream().filter(row -> row.predict() == Certificate.ABSTAIN).count());
  }

  /** Mean radius, where a wrong prediction or an abstention counts as 0 (Zhai et al. 2020). */
  public double averageCertifiedRadius() {
    return rows.stream().mapToDouble(row -> row.correct() ? row.radius() : 0).sum() / rows.size();
  }

  private double fraction(long count) {
    return (double) count / rows.size();
  }
}
