package io.densepure.certify;

/**
 * The result of one image.
 *
 * @param index in the data set
 * @param label its true class
 * @param seconds compute time spent on it
 * @param notFinite lanes whose networks gave NaN or infinity; they count against the prediction
 */
public record CertifiedImage(
    int index, int label, Certificate certificate, double seconds, int notFinite) {
  /** Of an image whose lanes were all finite. */
  public CertifiedImage(int index, int label, Certificate certificate, double seconds) {
    this(index, label, certificate, seconds, 0);
  }

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
