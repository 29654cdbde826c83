package io.densepure.certify;

import io.densepure.InputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes copies of an image only until it is known of every target radius whether it can be
 * certified. One {@link AnytimeBound} serves all targets, the certificate and every moment at which
 * one may stop, so the certificate is wrong with probability at most alpha in all.
 *
 * <p>"Is the radius at least r?" is "is the selected class's probability p at least p0 = Phi(r /
 * sigma)?". A target is <em>proved</em> as soon as the bound on p exceeds p0, <em>refuted</em> as
 * soon as the same bound for the other side, on 1 - p, exceeds 1 - p0: p is less than p0 then, so
 * that no number of copies would certify r with this class, but for errors of probability at most
 * alpha over all targets. (Refuted says nothing about whether an adversarial example exists.) It
 * stays open if what is left of the N copies can no longer prove it.
 */
public final class AdaptiveSampling implements StoppingRule {
  /** Looking ahead by less would leave batches empty for little. */
  private static final int LOOKAHEAD_SHARE = 8;

  /** What the copies said about a target radius. */
  public enum Decision {
    PROVED,
    REFUTED,
    OPEN
  }

  /** A target radius and the counts that decide it. */
  private record Target(double radius, double p0, ProofBoundary proof, ProofBoundary refutation) {
    Target(double radius, double sigma, double alpha) {
      this(
          radius,
          ConfidenceBounds.normalCdf(radius / sigma),
          new ProofBoundary(ConfidenceBounds.normalCdf(radius / sigma), alpha),
          new ProofBoundary(ConfidenceBounds.normalCdf(-radius / sigma), alpha));
    }
  }

  private final double sigma;
  private final double alpha;
  private final List<Target> targets = new ArrayList<>();

  /**
   * @param sigma standard deviation of the smoothing noise, on the [0, 1] pixel scale
   * @param alpha failure probability, in (0, 1)
   * @param radii the target radii, at least one; on the [0, 1] pixel scale
   * @param n copies that there are at most
   * @throws InputException if anything is out of range, or a radius cannot be proved with n copies
   */
  public AdaptiveSampling(double sigma, double alpha, List<Double> radii, int n) {
    new VoteCertifier(sigma, alpha); // checks both
    this.sigma = sigma;
    this.alpha = alpha;
    double best = radius(AnytimeBound.lower(n, n, alpha));
    for (double radius : radii.stream().distinct().sorted().toList()) {
      if (!(radius >= 0 && radius < best)) {
        throw InputException.of(
            "the target radius %s is out of reach: with sigma %s, alpha %s and N %d it must be at"
                + " least 0 and less than %.3f",
            radius, sigma, alpha, n, Math.max(0, best));
      }
      targets.add(new Target(radius, sigma, alpha));
    }
  }

  private double radius(double pABar) {
    return sigma * ConfidenceBounds.normalQuantile(pABar);
  }

  @Override
  public Walk start(int n) {
    return new TargetWalk(n);
  }

  /** The target radii, in ascending order. */
  public List<Double> radii() {
    return targets.stream().map(Target::radius).toList();
  }

  /**
   * The certificate from the copies up to where the rule ended, however many more were computed:
   * {@code n} is how many those are, the radius the largest one that the bound proves, at least
   * every target that was proved on the way.
   *
   * @throws InputException if votes are missing that the selection needs
   */
  public Certificate certify(VoteBoard board) {
    int selected = VoteCertifier.selected(board);
    TargetWalk walk = new TargetWalk(board.plan().n());
    EarlyVoting.Tally tally = new EarlyVoting.Tally(board, walk);
    tally.ended();
    double pABar = AnytimeBound.lower(tally.won(), tally.settled(), alpha);
    double radius = pABar < 0.5 ? -1 : radius(pABar);
    for (int i = 0; i < targets.size(); i++) {
      if (walk.decisions[i] == Decision.PROVED) {
        pABar = Math.max(pABar, targets.get(i).p0);
        radius = Math.max(radius, targets.get(i).radius);
      }
    }
    return radius < 0
        ? new Certificate(Certificate.ABSTAIN, 0, pABar, tally.won(), tally.settled())
        : new Certificate(selected, radius, pABar, tally.won(), tally.settled());
  }

  /** What the copies up to where the rule ended say about each of {@link #radii}. */
  public List<Decision> decisions(VoteBoard board) {
    TargetWalk walk = new TargetWalk(board.plan().n());
    new EarlyVoting.Tally(board, walk).ended();
    List<Decision> decisions = new ArrayList<>();
    for (Decision decision : walk.decisions) {
      decisions.add(decision == null ? Decision.OPEN : decision);
    }
    return decisions;
  }

  /** Whether no further copy of this image is needed. */
  boolean isDecided(VoteBoard board) {
    return new EarlyVoting.Tally(board, new TargetWalk(board.plan().n())).ended();
  }

  private final class TargetWalk implements Walk {
    private final int limit;
    private final Decision[] decisions = new Decision[targets.size()]; // null: undecided
    private final int[] neededInAll = new int[targets.size()];
    private int undecided = targets.size();
    private int n;
    private int won;
    private int lookahead;
    private int lookaheadAt = -1;

    TargetWalk(int limit) {
      this.limit = limit;
      for (int i = 0; i < neededInAll.length; i++) {
        neededInAll[i] = AnytimeBound.needed(limit, targets.get(i).p0, alpha);
      }
    }

    @Override
    public void add(boolean wins) {
      n++;
      won += wins ? 1 : 0;
      for (int i = 0; i < decisions.length; i++) {
        if (decisions[i] == null) {
          decisions[i] = decision(i);
          undecided -= decisions[i] == null ? 0 : 1;
        }
      }
    }

    private Decision decision(int i) {
      if (won >= targets.get(i).proof.needed(n)) {
        return Decision.PROVED;
      }
      if (n - won >= targets.get(i).refutation.needed(n)) {
        return Decision.REFUTED;
      }
      return won + limit - n < neededInAll[i] ? Decision.OPEN : null;
    }

    @Override
    public boolean ended() {
      return undecided == 0;
    }

    @Override
    public int lookahead() {
      if (lookaheadAt != n) {
        lookaheadAt = n;
        lookahead = Math.max(soonest(), n / LOOKAHEAD_SHARE);
      }
      return lookahead;
    }

    /** So many more copies, if all say the likelier thing, decide the last target. */
    private int soonest() {
      int more = 1;
      for (int i = 0; i < decisions.length; i++) {
        while (decisions[i] == null && n + more < limit && !decides(targets.get(i), more)) {
          more++;
        }
      }
      return more;
    }

    private boolean decides(Target target, int more) {
      return won >= target.p0 * n
          ? won + more >= target.proof.needed(n + more)
          : n - won + more >= target.refutation.needed(n + more);
    }
  }
}
