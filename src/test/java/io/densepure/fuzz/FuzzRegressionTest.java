package io.densepure.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every parser over its seeds and over every input that ever did harm. Without Jazzer, whose agent
 * would get in the way of other tests; {@code src/test/fuzz/run} looks for new inputs.
 */
class FuzzRegressionTest {
  /** Cut short at a few places, and with a byte damaged here and there. */
  private static final int DAMAGES = 4;

  /** Larger ones only as they are: this is to be quick. */
  private static final int MAX_DAMAGED = 1 << 14;

  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> seedsDoNoHarm() {
    return Arrays.stream(FuzzTargets.values()).map(t -> dynamicTest(t.label(), () -> checkAll(t)));
  }

  private void checkAll(FuzzTargets target) throws IOException {
    List<Path> seeds = target.seeds();
    assertFalse(seeds.isEmpty(), "no seeds of " + target.label());
    Path parent = Files.createTempDirectory(folder, target.label());
    for (Path seed : seeds) {
      byte[] bytes = Files.readAllBytes(seed);
      check(target, bytes, parent, seed.toString());
      if (bytes.length <= MAX_DAMAGED && !seed.getFileName().toString().startsWith("found-")) {
        damage(target, bytes, parent, seed);
      }
    }
  }

  private void damage(FuzzTargets target, byte[] bytes, Path parent, Path seed) throws IOException {
    for (int i = 0; i < DAMAGES; i++) {
      int at = (int) ((long) bytes.length * i / DAMAGES);
      check(target, Arrays.copyOf(bytes, at), parent, seed + ", cut at byte " + at);
      if (at < bytes.length) {
        byte[] damaged = bytes.clone();
        damaged[at] ^= (byte) (1 << i % 8);
        check(target, damaged, parent, seed + ", damaged at byte " + at);
      }
    }
  }

  private static void check(FuzzTargets target, byte[] input, Path parent, String what)
      throws IOException {
    try {
      new Oracle(parent).check(target.target(), input);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what + ": " + e, e);
    }
  }
}
