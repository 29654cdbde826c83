package io.densepure.certify;

import io.densepure.certify.Lane.Phase;
import java.util.NoSuchElementException;

/**
 * Leaves out what cannot change an image's prediction and radius any more:
 *
 * <ul>
 *   <li>votes of a noisy copy whose majority is decided,
 *   <li>votes of a copy that can no longer be won by the class that the selection picked: which
 *       other class wins it does not matter,
 *   <li>everything else of an image whose {@link StoppingRule} has ended: that will abstain
 *       whatever comes, or has its answer.
 * </ul>
 *
 * Copies are taken in blocks, and the votes of a block in waves: first one vote of each copy, then
 * a second one of those still open, so that the labels of a wave are in before the next one is
 * chosen.
 */
public final class EarlyVoting implements VotePolicy {
  private final StoppingRule rule;
  private final int block;

  /** For a fixed number of copies: an image ends early if it must abstain. */
  public EarlyVoting(VoteCertifier certifier, int block) {
    this(new FixedSampling(certifier), block);
  }

  /**
   * @param rule when an image needs no more copies
   * @param block copies in a block: a few times what the devices have in flight, so that few votes
   *     are taken that turn out not to matter. Results do not depend on it.
   */
  public EarlyVoting(StoppingRule rule, int block) {
    if (block < 1) {
      throw new IllegalArgumentException("block " + block);
    }
    this.rule = rule;
    this.block = block;
  }

  @Override
  public VotePolicy.Lanes lanes(VoteBoard board) {
    return new MattersStill(board, new Tally(board, rule.start(board.plan().n())), block);
  }

  /** The lanes that may still matter, in order. */
  private static final class MattersStill implements VotePolicy.Lanes {
    private final VoteBoard board;
    private final SamplingPlan plan;
    private final Tally tally;
    private final int block;
    private Phase phase = Phase.SELECTION;
    private int blockStart;
    private int blockEnd;
    private int vote;
    private int sample;

    MattersStill(VoteBoard board, Tally tally, int block) {
      this.board = board;
      this.plan = board.plan();
      this.tally = tally;
      this.block = block;
      beginBlock(0);
    }

    @Override
    public boolean hasNext() {
      while (phase != null) {
        if (phase == Phase.ESTIMATION && tally.ended()) {
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

    @Override
    public boolean isUrgent() {
      return phase == Phase.SELECTION || sample - tally.settled() < tally.lookahead();
    }

    private boolean matters() {
      return board.label(plan.position(phase, sample) + vote) == VoteBoard.UNKNOWN
          && !tally.isSettled(phase, sample);
    }

    /** To the next copy of the wave, else the next wave, else the next block, else the phase. */
    private void advance() {
      sample++;
      if (sample == blockEnd) {
        sample = blockStart;
        vote++;
      }
      if (vote == plan.votes()) {
        beginBlock(blockEnd);
      }
      if (blockStart == plan.samples(phase)) {
        phase = phase == Phase.SELECTION ? Phase.ESTIMATION : null;
        if (phase != null) {
          beginBlock(0);
        }
      }
    }

    private void beginBlock(int start) {
      int copies = phase == Phase.SELECTION ? block : Math.min(block, tally.lookahead());
      vote = 0;
      blockStart = start;
      sample = start;
      blockEnd = start + Math.min(copies, plan.samples(phase) - start);
    }
  }

  /**
   * What the labels so far settle. Follows the copies in order, so that where an image ends depends
   * on its labels only and not on the order in which they come in.
   */
  static final class Tally {
    private final VoteBoard board;
    private final SamplingPlan plan;
    private final StoppingRule.Walk walk;
    private int selectionDecided;
    private int selected = VoteBoard.UNKNOWN;
    private int settled;
    private int won;

    /**
     * @param walk at its beginning
     */
    Tally(VoteBoard board, StoppingRule.Walk walk) {
      this.board = board;
      this.plan = board.plan();
      this.walk = walk;
    }

    /** The class that the selection picks, or {@link VoteBoard#UNKNOWN} while that is open. */
    int selected() {
      while (selectionDecided < plan.n0() && board.isDecided(Phase.SELECTION, selectionDecided)) {
        selectionDecided++;
      }
      if (selected == VoteBoard.UNKNOWN && selectionDecided == plan.n0()) {
        selected = VoteCertifier.argmax(board.counts(Phase.SELECTION));
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

    /** Whether the rule has ended, counting up to the first copy that is still open. */
    boolean ended() {
      if (selected() == VoteBoard.UNKNOWN) {
        return false;
      }
      while (!walk.ended() && settled < plan.n() && isSettled(Phase.ESTIMATION, settled)) {
        boolean wins = board.majority(Phase.ESTIMATION, settled) == selected;
        walk.add(wins);
        won += wins ? 1 : 0;
        settled++;
      }
      return walk.ended();
    }

    /** See {@link StoppingRule.Walk#lookahead}. */
    int lookahead() {
      return walk.lookahead();
    }

    /** Copies that count so far, from the first on. */
    int settled() {
      return settled;
    }

    /** How many of those the selected class has won. */
    int won() {
      return won;
    }
  }
}
