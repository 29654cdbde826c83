package io.densepure.certify;

import io.densepure.certify.Lane.Phase;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Leaves out what cannot change an image's prediction and radius any more:
 *
 * <ul>
 *   <li>votes of a noisy copy whose majority is decided,
 *   <li>votes of a copy that can no longer be won by the class that the selection picked: which
 *       other class wins it does not matter,
 *   <li>everything else of an image that will abstain whatever comes.
 * </ul>
 *
 * Copies are taken in blocks, and the votes of a block in waves: first one vote of each copy, then
 * a second one of those still open, so that the labels of a wave are in before the next one is
 * chosen.
 */
public final class EarlyVoting implements VotePolicy {
  private final Certifier certifier;
  private final int block;

  /**
   * @param block copies in a block: a few times what the devices have in flight, so that few votes
   *     are taken that turn out not to matter. Results do not depend on it.
   */
  public EarlyVoting(Certifier certifier, int block) {
    if (block < 1) {
      throw new IllegalArgumentException("block " + block);
    }
    this.certifier = certifier;
    this.block = block;
  }

  @Override
  public Iterator<Lane> lanes(VoteBoard board) {
    return new Lanes(board, new Tally(board, certifier.needed(board.plan().n())), block);
  }

  /** The lanes that may still matter, in order. */
  private static final class Lanes implements Iterator<Lane> {
    private final VoteBoard board;
    private final SamplingPlan plan;
    private final Tally tally;
    private final int block;
    private Phase phase = Phase.SELECTION;
    private int blockStart;
    private int vote;
    private int sample;

    Lanes(VoteBoard board, Tally tally, int block) {
      this.board = board;
      this.plan = board.plan();
      this.tally = tally;
      this.block = block;
    }

    @Override
    public boolean hasNext() {
      while (phase != null) {
        if (phase == Phase.ESTIMATION && tally.abstains()) {
          phase = null;
        } else if (matters()) {
          return true;
        } else {
          advance();
        }
      }
      return false;
    }

    @Override
    public Lane next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Lane lane = new Lane(board.image(), phase, sample, vote);
      advance();
      return lane;
    }

    private boolean matters() {
      return board.label(plan.position(phase, sample) + vote) == VoteBoard.UNKNOWN
          && !tally.isSettled(phase, sample);
    }

    /** To the next copy of the wave, else the next wave, else the next block, else the phase. */
    private void advance() {
      int blockEnd = Math.min(blockStart + block, plan.samples(phase));
      sample++;
      if (sample == blockEnd) {
        sample = blockStart;
        vote++;
      }
      if (vote == plan.votes()) {
        vote = 0;
        blockStart = blockEnd;
        sample = blockStart;
      }
      if (blockStart == plan.samples(phase)) {
        phase = phase == Phase.SELECTION ? Phase.ESTIMATION : null;
        blockStart = 0;
        sample = 0;
      }
    }
  }

  /**
   * What the labels so far settle. Follows the copies in order, so that where an image is given up
   * depends on its labels only and not on the order in which they come in.
   */
  static final class Tally {
    private final VoteBoard board;
    private final SamplingPlan plan;
    private final long needed;
    private int selectionDecided;
    private int selected = VoteBoard.UNKNOWN;
    private int settled;
    private long won;
    private long lost;

    /**
     * @param needed copies that the selected class must win for a certificate
     */
    Tally(VoteBoard board, long needed) {
      this.board = board;
      this.plan = board.plan();
      this.needed = needed;
    }

    /** The class that the selection picks, or {@link VoteBoard#UNKNOWN} while that is open. */
    int selected() {
      while (selectionDecided < plan.n0() && board.isDecided(Phase.SELECTION, selectionDecided)) {
        selectionDecided++;
      }
      if (selected == VoteBoard.UNKNOWN && selectionDecided == plan.n0()) {
        selected = Certifier.argmax(board.counts(Phase.SELECTION));
      }
      return selected;
    }

    boolean isSettled(Phase phase, int sample) {
      if (board.isDecided(phase, sample)) {
        return true;
      }
      return phase == Phase.ESTIMATION
          && selected() != VoteBoard.UNKNOWN
          && !board.canWin(phase, sample, selected());
    }

    /** Whether too many copies are lost, counting up to the first one that is still open. */
    boolean abstains() {
      if (selected() == VoteBoard.UNKNOWN) {
        return false;
      }
      while (!tooManyLost() && settled < plan.n() && isSettled(Phase.ESTIMATION, settled)) {
        if (board.majority(Phase.ESTIMATION, settled) == selected) {
          won++;
        } else {
          lost++;
        }
        settled++;
      }
      return tooManyLost();
    }

    private boolean tooManyLost() {
      return plan.n() - lost < needed;
    }

    /** Copies that count so far, from the first on. */
    int settled() {
      return settled;
    }

    /** How many of those the selected class has won. */
    long won() {
      return won;
    }
  }
}
