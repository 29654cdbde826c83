package io.densepure.cluster;

import io.densepure.certify.Lane;
import io.densepure.certify.SamplingPlan;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The lanes of one task, as ranges of samples of images: lanes come in long runs of neighbours.
 *
 * @param ranges in the order of the lanes
 */
record LaneUnit(List<Range> ranges) implements Serializable {
  /**
   * Lanes of an image whose positions in the plan's order are evenly spaced: one vote of
   * consecutive samples, or all votes of them.
   *
   * @param first position
   * @param step from one position to the next
   */
  record Range(int image, int first, int step, int count) implements Serializable {
    boolean continuesWith(int nextImage, int position) {
      return nextImage == image
          && (count == 1 ? position > first : position == first + step * count);
    }

    Range with(int position) {
      return new Range(image, first, count == 1 ? position - first : step, count + 1);
    }
  }

  static LaneUnit of(List<Lane> lanes, SamplingPlan plan) {
    List<Range> ranges = new ArrayList<>();
    Range open = null;
    for (Lane lane : lanes) {
      int position = plan.position(lane);
      if (open != null && open.continuesWith(lane.image(), position)) {
        open = open.with(position);
      } else {
        if (open != null) {
          ranges.add(open);
        }
        open = new Range(lane.image(), position, 1, 1);
      }
    }
    ranges.add(open);
    return new LaneUnit(ranges);
  }

  /** The lanes, in the order in which they were given. */
  List<Lane> lanes(SamplingPlan plan) {
    List<Lane> lanes = new ArrayList<>();
    for (Range range : ranges) {
      for (int i = 0; i < range.count(); i++) {
        lanes.add(plan.lane(range.image(), range.first() + range.step() * i));
      }
    }
    return lanes;
  }
}
