package io.densepure.certify;

/**
 * The result of one image.
 *
 * @param index in the data set
 * @param label its true class
 * @param seconds compute time spent on it
 */
public record CertifiedImage(int index, int label, Certificate certificate, double seconds) {
  /** The row of the results table. */
  public ResultRow row() {
    return new ResultRow(
        index,
        label,
        certificate.prediction(),
        certificate.radius(),
        certificate.prediction() == label,
        PythonFormat.timedelta(seconds));
  }
}
