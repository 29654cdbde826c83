package io.densepure.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.densepure.certify.EarlyVoting;
import io.densepure.certify.Lane;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteBoard;
import io.densepure.certify.VoteCertifier;
import io.densepure.certify.VotePolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LaneUnitTest {
  private static final SamplingPlan PLAN = new SamplingPlan(7, 100, 5);

  private static List<Lane> lanes(VotePolicy policy, int... images) {
    List<Lane> lanes = new ArrayList<>();
    for (int image : images) {
      policy.lanes(new VoteBoard(image, PLAN, 10)).forEachRemaining(lanes::add);
    }
    return lanes;
  }

  private static int ranges(List<Lane> lanes) {
    LaneUnit unit = LaneUnit.of(lanes, PLAN);
    assertEquals(lanes, unit.lanes(PLAN));
    return unit.ranges().size();
  }

  @Test
  void allVotesOfAnImageAreOneRange() {
    assertEquals(2, ranges(lanes(VotePolicy.EXHAUSTIVE, 3, 40)));
  }

  @Test
  void wavesOfVotesAreARangeEach() {
    VotePolicy early = new EarlyVoting(new VoteCertifier(0.5, 0.001), 50);
    assertEquals(5 + 2 * 5, ranges(lanes(early, 3)), "7 copies, then two blocks of 50");
  }

  @Test
  void anyOrderIsKept() {
    List<Lane> lanes = lanes(VotePolicy.EXHAUSTIVE, 3, 40, 5);
    Collections.shuffle(lanes, new Random(1));
    ranges(lanes);
    ranges(lanes.subList(0, 1));
  }
}
