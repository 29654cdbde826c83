package io.densepure.certify;

/**
 * A certificate from votes that were cast before.
 *
 * @param image index in the data set
 * @param label its true class
 * @param undecided copies of the estimation that votes not cast could win for the selected class;
 *     they count against it
 * @param notFinite votes whose networks gave NaN or infinity; they count against the prediction
 * @param open whether prediction or radius could be others if all votes had been cast
 */
public record OfflineCertificate(
    int image, int label, Certificate certificate, int undecided, int notFinite, boolean open) {
  /** The row of a merged table, which has no times. */
  public ResultRow row() {
    int prediction = certificate.prediction();
    return new ResultRow(image, label, prediction, certificate.radius(), prediction == label, null);
  }
}
