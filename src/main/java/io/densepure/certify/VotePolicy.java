package io.densepure.certify;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** Decides which lanes of an image are run, and in which order. */
public interface VotePolicy {
  /**
   * The lanes still to be run for the image of {@code board}. The iterator is asked anew before
   * every batch, so it may look at the labels that have come in and leave out what can no longer
   * matter. It ends when nothing is left to run; it must not end early to wait for labels.
   */
  Lanes lanes(VoteBoard board);

  /** Lanes of one image, in order. */
  interface Lanes extends Iterator<Lane> {
    /**
     * Whether the next lane is likely to matter, whatever the labels under way say. If not, lanes
     * of other images go first, and it is taken only where a batch would have an empty slot.
     */
    default boolean isUrgent() {
      return true;
    }

    /** All of {@code lanes}, one as urgent as the other. */
    static Lanes of(Iterator<Lane> lanes) {
      return new Lanes() {
        @Override
        public boolean hasNext() {
          return lanes.hasNext();
        }

        @Override
        public Lane next() {
          return lanes.next();
        }
      };
    }
  }

  /** How many of the image's lanes this policy may run, done or not: what progress counts. */
  default int lanesOf(VoteBoard board) {
    return board.plan().lanes();
  }

  /** Every lane without a label, in the plan's order. */
  VotePolicy EXHAUSTIVE = Exhaustive::new;

  /** See {@link #EXHAUSTIVE}. */
  final class Exhaustive implements Lanes {
    private final VoteBoard board;
    private int position;

    private Exhaustive(VoteBoard board) {
      this.board = board;
    }

    @Override
    public boolean hasNext() {
      int lanes = board.plan().lanes();
      while (position < lanes && board.label(position) != VoteBoard.UNKNOWN) {
        position++;
      }
      return position < lanes;
    }

    @Override
    public Lane next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return board.plan().lane(board.image(), position++);
    }
  }
}
