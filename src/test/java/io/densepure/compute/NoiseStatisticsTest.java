package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.certify.Lane;
import io.densepure.compute.cpu.CpuDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The noise of a run, from the device as a run gets it, is as good as independent standard normal
 * numbers: along pixels and across everything that tells one image of noise from another. Seeds are
 * fixed, so this passes or fails for good; were they drawn, some 280 tests at 1e-7 each would raise
 * a false alarm in at most 3 of 100 000 runs.
 */
class NoiseStatisticsTest {
  private static final int LANES = 64;
  private static final int SIZE = 32;
  private static final int CHANNELS = 3;
  private static final int PIXELS = SIZE * SIZE * CHANNELS;

  /**
   * In [H, W, C]: a channel, a pixel, a few, a row, and the four numbers of a Philox block apart.
   */
  private static final int[] LAGS = {1, 2, 3, 4, 6, 9, 12, SIZE * CHANNELS, 4 * SIZE * CHANNELS};

  /** What is noise's key, with the stream of the smoothing noise, 0, or of a reverse step. */
  private record Key(long seed, int image, int sample, int stream) {}

  static Stream<Arguments> families() {
    return Stream.of(
        family("images", i -> new Key(1234, i * 20, 5, 0)),
        family("samples of the selection", i -> new Key(1234, 7, i, 0)),
        family("samples of the estimation", i -> new Key(1234, 7, estimation(i), 0)),
        family("both phases", i -> new Key(1234, 7, i % 2 == 0 ? i / 2 : estimation(i / 2), 0)),
        family("seeds", i -> new Key(i, 7, 5, 0)),
        family("seeds beyond 32 bits", i -> new Key((long) i << 32, 7, 5, 0)),
        family("votes: reverse seeds", i -> new Key(i, 7, estimation(5), 1)),
        family("reverse steps", i -> new Key(0, 7, estimation(5), 1 + i)),
        family("smoothing noise and reverse steps of one seed", i -> new Key(0, 7, 5, i)),
        family("everything", i -> new Key(i % 4, i / 4 % 4, i / 16 % 2, i / 32)));
  }

  private static Arguments family(String name, IntFunction<Key> keys) {
    return Arguments.of(name, keys);
  }

  private static int estimation(int sample) {
    return new Lane(0, Lane.Phase.ESTIMATION, sample, 0).sampleWord();
  }

  /** [LANES][H, W, C]. */
  private static float[][] noise(IntFunction<Key> keys) {
    int[] words = new int[LANES * Ops.NOISE_KEY_WORDS];
    for (int lane = 0; lane < LANES; lane++) {
      Key key = keys.apply(lane);
      int offset = lane * Ops.NOISE_KEY_WORDS;
      Philox.laneKey(key.seed, key.image, key.sample, key.stream, words, offset);
    }
    try (Device device = CpuDevice.open(1)) {
      Tensor in = device.allocate(DType.I32, Shape.of(LANES, Ops.NOISE_KEY_WORDS));
      Tensor out = device.allocate(DType.F32, Shape.of(LANES, SIZE, SIZE, CHANNELS));
      device.upload(in, words);
      try (Program program =
          device.record(ops -> ops.assign(out, ops.gaussianNoise(in, SIZE, SIZE, CHANNELS)))) {
        program.run();
        float[] all = device.downloadFloats(out);
        float[][] lanes = new float[LANES][];
        Arrays.setAll(lanes, i -> Arrays.copyOfRange(all, i * PIXELS, (i + 1) * PIXELS));
        return lanes;
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("families")
  void noiseIsNormalAndIndependent(String name, IntFunction<Key> keys) {
    NoiseBattery battery = new NoiseBattery(noise(keys), LAGS);
    assertEquals(List.of(), battery.flaws());
    assertTrue(battery.tests() < 50, battery.tests() + " tests");
  }

  private interface Flaw {
    void spoil(float[][] lanes);
  }

  /** Small flaws, each of which the battery finds, and finds as what it is. */
  @Test
  void flawsAreFound() {
    assertFound("moment 1", lanes -> change(lanes, z -> z + 0.02f));
    assertFound("moment 2", lanes -> change(lanes, z -> z * 1.02f));
    assertFound("moment 3", lanes -> change(lanes, z -> z + 0.01f * (z * z - 1)));
    assertFound("moment 4", lanes -> change(lanes, z -> z + 0.01f * (z * z * z - 3 * z)));
    assertFound("Kolmogorov-Smirnov", lanes -> change(lanes, z -> Math.round(z * 8) / 8f));
    assertFound("tail beyond 3.5", lanes -> change(lanes, z -> Math.min(z, 3.5f)));
    assertFound("tail beyond -4.0", lanes -> change(lanes, z -> z < -3.4f ? z - 0.7f : z));
    assertFound("lag 3", lanes -> mix(lanes, 3, 0.02f));
    assertFound("lag 3 of magnitudes", NoiseStatisticsTest::clustered);
    assertFound("the worst pair of lanes", lanes -> lanes[40] = lanes[3].clone());
    assertFound("pairs of lanes", NoiseStatisticsTest::commonPart);
    assertFound("magnitudes of pairs of lanes", NoiseStatisticsTest::commonMagnitude);
  }

  private static void assertFound(String what, Flaw flaw) {
    float[][] lanes = noise(i -> new Key(99, i, 5, 0));
    flaw.spoil(lanes);
    List<String> flaws = new NoiseBattery(lanes, LAGS).flaws();
    assertTrue(flaws.stream().anyMatch(f -> f.startsWith(what + ":")), what + ": " + flaws);
  }

  private interface Change {
    float of(float z);
  }

  private static void change(float[][] lanes, Change change) {
    for (float[] lane : lanes) {
      for (int i = 0; i < lane.length; i++) {
        lane[i] = change.of(lane[i]);
      }
    }
  }

  private static void mix(float[][] lanes, int lag, float share) {
    for (float[] lane : lanes) {
      for (int i = lane.length - 1; i >= lag; i--) {
        lane[i] = (float) Math.sqrt(1 - share * share) * lane[i] + share * lane[i - lag];
      }
    }
  }

  /** Loud and quiet stretches, of 24 numbers each. */
  private static void clustered(float[][] lanes) {
    for (float[] lane : lanes) {
      for (int i = 0; i < lane.length; i++) {
        lane[i] *= i / 24 % 2 == 0 ? 1.1f : 0.89f;
      }
    }
  }

  private static void commonPart(float[][] lanes) {
    Random random = new Random(5);
    for (int i = 0; i < PIXELS; i++) {
      float common = (float) random.nextGaussian();
      for (float[] lane : lanes) {
        lane[i] = 0.996f * lane[i] + 0.0894f * common;
      }
    }
  }

  private static void commonMagnitude(float[][] lanes) {
    for (float[] lane : lanes) {
      for (int i = 0; i < PIXELS; i++) {
        lane[i] *= i % 2 == 0 ? 1.1f : 0.89f;
      }
    }
  }

  @Test
  void lanesWithOneKeyAreOne() {
    float[][] lanes = noise(i -> new Key(3, 3, i / 2, 3));
    assertTrue(Arrays.equals(lanes[0], lanes[1]));
    assertFalse(Arrays.equals(lanes[1], lanes[2]));
  }
}
