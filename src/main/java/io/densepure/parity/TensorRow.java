package io.densepure.parity;

/**
 * One comparison inside a case.
 *
 * @param name of the golden array or number
 * @param shape of the golden array, as text
 * @param maxAbsError largest finite |actual − expected|
 * @param tolerance what was allowed
 * @param percentOfTolerance largest share of the allowed distance used by any element, in percent;
 *     infinite if something differs that must not
 * @param message what is wrong, or empty
 */
public record TensorRow(
    String name,
    String shape,
    double maxAbsError,
    Tolerance tolerance,
    double percentOfTolerance,
    String message) {
  public boolean passed() {
    return message.isEmpty();
  }
}
