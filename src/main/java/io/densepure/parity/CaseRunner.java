package io.densepure.parity;

/**
 * Runs one kind of golden case. To support another kind, write one implementation and add it to the
 * list in {@link ParityRunner}.
 */
interface CaseRunner {
  /** Whether this runner knows cases like {@code c}, judging by its group, source and config. */
  boolean handles(GoldenCase c);

  /**
   * Computes what the case describes and compares it with what the case records. Every golden array
   * must be asked for: those that never were make the case {@code UNSUPPORTED}, so that nothing
   * passes unchecked.
   *
   * @throws UnsupportedCase if the case cannot be run
   * @throws io.densepure.InputException if a file of the case is missing or damaged
   */
  void run(Trial trial);
}
