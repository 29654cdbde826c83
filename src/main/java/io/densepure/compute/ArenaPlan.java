package io.densepure.compute;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where each intermediate tensor of a program lies in the program's one block of memory. Two share
 * bytes only if no step needs both.
 *
 * @param offsets in bytes, one for each block asked for, in that order
 * @param totalBytes size of the arena
 */
public record ArenaPlan(List<Long> offsets, long totalBytes) {
  /** Every offset is a multiple of this: a cache line, and what vector loads like. */
  public static final int ALIGNMENT = 64;

  /**
   * A piece of memory that one program needs for a while.
   *
   * @param bytes its size
   * @param firstStep the step that fills it
   * @param lastStep the last step that reads it, not before {@code firstStep}
   */
  public record Block(long bytes, int firstStep, int lastStep) {
    /**
     * @throws IllegalArgumentException if the size is negative or the lifetime ends before it
     *     begins
     */
    public Block {
      if (bytes < 0 || lastStep < firstStep) {
        throw new IllegalArgumentException(
            "block of " + bytes + " bytes alive from " + firstStep + " to " + lastStep);
      }
    }

    private boolean meets(Block other) {
      return firstStep <= other.lastStep && other.firstStep <= lastStep;
    }
  }

  /**
   * Largest first, each at the lowest offset where it fits between the blocks that are alive at the
   * same time. Not optimal, but close: networks have a few large shapes that recur.
   */
  public static ArenaPlan of(List<Block> blocks) {
    long[] offsets = new long[blocks.size()];
    List<Integer> placed = new ArrayList<>(); // by ascending offset
    List<Integer> order = new ArrayList<>(IntStream.range(0, blocks.size()).boxed().toList());
    order.sort(Comparator.comparingLong((Integer i) -> blocks.get(i).bytes()).reversed());
    long total = 0;
    for (int i : order) {
      Block block = blocks.get(i);
      long offset = 0;
      for (int j : placed) {
        if (!blocks.get(j).meets(block)) {
          continue;
        }
        if (offsets[j] >= offset + block.bytes()) {
          break;
        }
        offset = Math.max(offset, align(offsets[j] + blocks.get(j).bytes()));
      }
      offsets[i] = offset;
      insert(placed, i, offsets);
      total = Math.max(total, align(offset + block.bytes()));
    }
    return new ArenaPlan(
        IntStream.range(0, offsets.length).mapToObj(i -> offsets[i]).toList(), total);
  }

  private static void insert(List<Integer> placed, int i, long[] offsets) {
    int at = 0;
    while (at < placed.size() && offsets[placed.get(at)] <= offsets[i]) {
      at++;
    }
    placed.add(at, i);
  }

  private static long align(long bytes) {
    return Math.addExact(bytes, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
