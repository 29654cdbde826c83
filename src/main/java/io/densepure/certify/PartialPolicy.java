package io.densepure.certify;

import java.util.NoSuchElementException;

/** Another policy's lanes, less those that do not belong to a workload. */
final class PartialPolicy implements VotePolicy {
  private final VotePolicy policy;
  private final Workload workload;

  PartialPolicy(VotePolicy policy, Workload workload) {
    this.policy = policy;
    this.workload = workload;
  }

  @Override
  public Lanes lanes(VoteBoard board) {
    return new Within(policy.lanes(board), workload.part(board.image()), board.plan());
  }

  @Override
  public int lanesOf(VoteBoard board) {
    return workload.part(board.image()).lanes();
  }

  /** Looks one lane ahead, so that a lane may be run that has just become needless. */
  private static final class Within implements Lanes {
    private final Lanes all;
    private final Workload.Part part;
    private final SamplingPlan plan;
    private Lane next;
    private boolean nextIsUrgent;

    Within(Lanes all, Workload.Part part, SamplingPlan plan) {
      this.all = all;
      this.part = part;
      this.plan = plan;
    }

    @Override
    public boolean hasNext() {
      while (next == null && all.hasNext()) {
        nextIsUrgent = all.isUrgent();
        Lane lane = all.next();
        int position = plan.position(lane);
        next = position >= part.from() && position < part.to() ? lane : null;
      }
      return next != null;
    }

    @Override
    public Lane next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Lane lane = next;
      next = null;
      return lane;
    }

    @Override
    public boolean isUrgent() {
      return nextIsUrgent;
    }
  }
}
