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
    return fraction(certified(radius));
  }

  private long certified(double radius) {
    return rows.stream().filter(row -> row.correct() && row.radius() >= radius).count();
  }

  /**
   * Clopper and Pearson's interval for {@link #atRadius} over all the images that these were drawn
   * from at random.
   *
   * @param low in [0, 1]
   * @param high in [0, 1]
   */
  public record Interval(double low, double high) {}

  /**
   * @param confidence that the interval covers the truth, in (0, 1)
   * @throws InputException if it is not
   */
  public Interval interval(double radius, double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw InputException.of("the confidence must lie between 0 and 1, not %s", confidence);
    }
    double tail = (1 - confidence) / 2;
    long k = certified(radius);
    return new Interval(
        ConfidenceBounds.lower(k, images(), tail), ConfidenceBounds.upper(k, images(), tail));
  }

  /** Lower bound on the accuracy over these images, as each certificate may be wrong. */
  public double atLeast(double radius, HighProbability bound) {
    return bound.lowerBound(certified(radius), images());
  }

  /** The certified radii of the images predicted right, in the order of the table. */
  public List<Double> radii() {
    return rows.stream().filter(ResultRow::correct).map(ResultRow::radius).toList();
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
