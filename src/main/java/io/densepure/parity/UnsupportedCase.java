package io.densepure.parity;

/** Thrown by a {@link CaseRunner} that cannot run a case; the message says why. */
final class UnsupportedCase extends RuntimeException {
  UnsupportedCase(String reason) {
    super(reason);
  }
}
