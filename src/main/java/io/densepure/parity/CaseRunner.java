package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.Device;

/**
 * Runs one kind of golden case. To support another kind, write one implementation and add it to the
 * list in {@link ParityRunner}.
 */
interface CaseRunner {
  /** Whether this runner knows cases like {@code c}, judging by its group, source and config. */
  boolean handles(GoldenCase c);

  /**
   * Computes what the case describes and compares it with what the case records. Every golden array
   * must be read through {@code arrays}: those never read make the case {@code UNSUPPORTED}, so
   * that nothing passes unchecked.
   *
   * @param arrays the case's {@code arrays} file
   * @param dtype what activations are stored as inside networks
   * @param comparison takes the comparisons
   * @throws UnsupportedCase if the case cannot be run
   * @throws io.densepure.InputException if a file of the case is missing or damaged
   */
  void run(GoldenCase c, GoldenArrays arrays, Device device, DType dtype, Comparison comparison);
}
