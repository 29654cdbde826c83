package io.densepure.certify;

import io.densepure.InputException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What a run has to do, or one shard of it: images, and of each a stretch of its noisy copies. The
 * copies of a run are one list, image after image in the order of the results, in each the N0
 * copies of the selection before the N of the estimation; a shard is a stretch of that list, so it
 * can begin and end within an image.
 */
public final class Workload {
  private final SamplingPlan plan;
  private final Map<Integer, Part> parts = new LinkedHashMap<>();

  /**
   * A stretch of an image's lanes.
   *
   * @param from position of the first lane in the plan's order; a copy's first vote
   * @param to one past the last
   */
  public record Part(int image, int from, int to) {
    public int lanes() {
      return to - from;
    }
  }

  /**
   * @param images of the whole run; repeats are left out
   * @param shard null for the whole run
   * @throws InputException if there are fewer copies than shards
   */
  public Workload(List<Integer> images, SamplingPlan plan, Shard shard) {
    this.plan = plan;
    List<Integer> distinct = List.copyOf(new LinkedHashSet<>(images));
    long copies = plan.lanes() / plan.votes();
    long total = copies * distinct.size();
    if (shard != null && shard.count() > total) {
      throw InputException.of(
          "%d shards are too many for %d noisy copies in all", shard.count(), total);
    }
    long begin = shard == null ? 0 : shard.from(total);
    long end = shard == null ? total : shard.to(total);
    for (int i = (int) (begin / copies); i * copies < end; i++) {
      long first = Math.max(begin - i * copies, 0);
      long last = Math.min(end - i * copies, copies);
      int image = distinct.get(i);
      parts.put(image, new Part(image, (int) first * plan.votes(), (int) last * plan.votes()));
    }
  }

  /** The images, in order. */
  public List<Integer> images() {
    return List.copyOf(parts.keySet());
  }

  /** What there is to do of an image; null if nothing. */
  public Part part(int image) {
    return parts.get(image);
  }

  /** Whether all lanes of the image belong to this workload. */
  public boolean hasWhole(int image) {
    Part part = parts.get(image);
    return part != null && part.lanes() == plan.lanes();
  }

  /** Lanes in all. */
  public long lanes() {
    return parts.values().stream().mapToLong(Part::lanes).sum();
  }

  /**
   * {@code policy}, kept to this workload's lanes. What it leaves out of an image depends on labels
   * that the workload has, so it stays right when the other lanes are computed elsewhere: without
   * the whole selection, a copy's votes end only when its majority is decided.
   */
  public VotePolicy limit(VotePolicy policy) {
    boolean whole = parts.keySet().stream().allMatch(this::hasWhole);
    return whole ? policy : new PartialPolicy(policy, this);
  }

  /** As {@code image 40 from copy 120, to image 60 up to copy 80}, for people. */
  public String range() {
    List<Integer> images = images();
    Part first = parts.get(images.get(0));
    Part last = parts.get(images.get(images.size() - 1));
    return String.format(
        "image %d from copy %d to image %d before copy %d",
        first.image(), first.from() / plan.votes(), last.image(), last.to() / plan.votes());
  }
}
