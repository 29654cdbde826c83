package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.compute.ArenaPlan.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ArenaPlanTest {
  @Test
  void nothingNeedsNothing() {
    assertEquals(0, ArenaPlan.of(List.of()).totalBytes());
  }

  @Test
  void aChainNeedsTwoBlocks() {
    List<Block> chain = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      chain.add(new Block(640, i, i + 1));
    }
    assertEquals(1280, ArenaPlan.of(chain).totalBytes());
  }

  @Test
  void blocksAliveTogetherLieSideBySide() {
    ArenaPlan plan = ArenaPlan.of(List.of(new Block(100, 0, 5), new Block(200, 5, 6)));
    assertEquals(List.of(256L, 0L), plan.offsets());
    assertEquals(384, plan.totalBytes());
  }

  @Test
  void aSmallBlockFillsAGap() {
    ArenaPlan plan =
        ArenaPlan.of(
            List.of(
                new Block(1024, 0, 1),
                new Block(512, 1, 3), // on top of the first
                new Block(256, 2, 3))); // below the second, where the first was
    assertEquals(List.of(0L, 1024L, 0L), plan.offsets());
  }

  @Test
  void sizesBeyondTwoGigabytesAreFine() {
    long large = 3L << 30;
    ArenaPlan plan = ArenaPlan.of(List.of(new Block(large, 0, 1), new Block(large, 1, 2)));
    assertEquals(2 * large, plan.totalBytes());
  }

  @Test
  void noTwoLivingBlocksOverlapAndTheArenaIsNearTheLowerBound() {
    Random random = new Random(17);
    for (int trial = 0; trial < 200; trial++) {
      List<Block> blocks = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        int first = random.nextInt(40);
        blocks.add(new Block(random.nextInt(5000), first, first + random.nextInt(8)));
      }
      ArenaPlan plan = ArenaPlan.of(blocks);
      assertDisjoint(blocks, plan);
      assertTrue(plan.totalBytes() <= 1.5 * peak(blocks), "wasteful: " + plan.totalBytes());
    }
  }

  private static void assertDisjoint(List<Block> blocks, ArenaPlan plan) {
    for (int i = 0; i < blocks.size(); i++) {
      Block a = blocks.get(i);
      long from = plan.offsets().get(i);
      assertEquals(0, from % ArenaPlan.ALIGNMENT);
      assertTrue(from + a.bytes() <= plan.totalBytes());
      for (int j = 0; j < i; j++) {
        Block b = blocks.get(j);
        long other = plan.offsets().get(j);
        boolean together = a.firstStep() <= b.lastStep() && b.firstStep() <= a.lastStep();
        boolean overlap = from < other + b.bytes() && other < from + a.bytes();
        assertTrue(!(together && overlap), a + " at " + from + " and " + b + " at " + other);
      }
    }
  }

  /** The most bytes alive at any step: no plan can do with less. */
  private static long peak(List<Block> blocks) {
    long peak = 0;
    for (int step = 0; step < 50; step++) {
      int s = step;
      peak =
          Math.max(
              peak,
              blocks.stream()
                  .filter(b -> b.firstStep() <= s && s <= b.lastStep())
                  .mapToLong(b -> (b.bytes() + 63) / 64 * 64)
                  .sum());
    }
    return peak;
  }

  @Test
  void refusesImpossibleLifetimes() {
    assertThrows(IllegalArgumentException.class, () -> new Block(1, 3, 2));
    assertThrows(IllegalArgumentException.class, () -> new Block(-1, 0, 0));
  }
}
