package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.certify.VoteBoard;
import io.densepure.compute.DType;
import java.util.Arrays;

/**
 * Watches whether the networks of a run give numbers at all: where the first lanes are all NaN or
 * infinite the run would end in nothing but abstentions, and is ended at once. Thread-safe.
 */
final class FiniteLanes {
  private final DType dtype;
  private final long patience;
  private long lanes;
  private long notFinite;

  /**
   * @param patience after so many lanes without a finite one the run ends
   */
  FiniteLanes(DType dtype, long patience) {
    this.dtype = dtype;
    this.patience = patience;
  }

  /** What to tell of an image with lanes that are not finite. */
  static String text(VoteBoard board) {
    return String.format(
        "image %d: %,d of %,d lanes gave no finite result (NaN or infinity): counted against the"
            + " prediction",
        board.image(), board.notFinite(), board.plan().lanes());
  }

  /**
   * Counts the labels of a batch.
   *
   * @throws InputException if there have been enough lanes, and none was finite
   */
  synchronized void add(int[] labels) {
    lanes += labels.length;
    notFinite += Arrays.stream(labels).filter(label -> label == VoteBoard.NOT_FINITE).count();
    if (lanes >= patience) {
      requireSome();
    }
  }

  /**
   * For the end of a run.
   *
   * @throws InputException if there were lanes, and none was finite
   */
  synchronized void requireSome() {
    if (lanes > 0 && notFinite == lanes) {
      String remedy =
          dtype == DType.F32
              ? "a checkpoint is damaged"
              : "a checkpoint is damaged, or its numbers are too large for %s: try --dtype fp32"
                  .formatted(dtype.label());
      throw InputException.of(
          "none of %,d lanes gave a finite result, but NaN or infinity: %s; densepure doctor --model"
              + " looks at the networks",
          lanes, remedy);
    }
  }
}
