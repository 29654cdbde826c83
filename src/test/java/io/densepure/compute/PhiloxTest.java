package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
  private static final int SAMPLE = 1 << 20;

  /** The vectors for philox4x32-10 in Random123's kat_vectors. */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void matchesRandom123(String counter, String key, String expected) {
    int[] c = words(counter);
    int[] k = words(key);
    int[] out = new int[4];
    Philox.block(c[0], c[1], c[2], c[3], k[0], k[1], out);
    assertArrayEquals(words(expected), out);
  }

  private static int[] words(String hex) {
    return Arrays.stream(hex.split(" ")).mapToInt(s -> Integer.parseUnsignedInt(s, 16)).toArray();
  }

  private static float[] sample(long seed, int count) {
    int[] keys = new int[Ops.NOISE_KEY_WORDS];
    Philox.laneKey(seed, 7, 11, 13, keys, 0);
    float[] out = new float[count];
    Philox.lane(keys, 0, count, out, 0);
    return out;
  }

  @Test
  void momentsAreThoseOfTheStandardNormal() {
    float[] z = sample(20240229, SAMPLE);
    double[] moment = new double[5];
    for (float v : z) {
      for (int p = 1; p <= 4; p++) {
        moment[p] += Math.pow(v, p) / SAMPLE;
      }
    }
    // Five standard errors of each sample moment: sqrt(Var(z^p) / n).
    double five = 5 / Math.sqrt(SAMPLE);
    assertEquals(0, moment[1], five);
    assertEquals(1, moment[2], five * Math.sqrt(2));
    assertEquals(0, moment[3], five * Math.sqrt(15));
    assertEquals(3, moment[4], five * Math.sqrt(96));
  }

  @Test
  void tailsHaveTheirShare() {
    float[] z = sample(99, SAMPLE);
    NormalDistribution normal = NormalDistribution.of(0, 1);
    for (double at : new double[] {1, 2, 3, 4}) {
      double p = normal.survivalProbability(at);
      double error = 5 * Math.sqrt(p / SAMPLE);
      assertEquals(p, share(z, at, false), error, "above " + at);
      assertEquals(p, share(z, at, true), error, "below -" + at);
    }
  }

  private static double share(float[] z, double at, boolean below) {
    int n = 0;
    for (float v : z) {
      if ((below ? -v : v) > at) {
        n++;
      }
    }
    return (double) n / z.length;
  }

  @Test
  void passesKolmogorovSmirnov() {
    float[] z = sample(3, SAMPLE);
    Arrays.sort(z);
    NormalDistribution normal = NormalDistribution.of(0, 1);
    double distance = 0;
    for (int i = 0; i < SAMPLE; i++) {
      double p = normal.cumulativeProbability(z[i]);
      distance =
          Math.max(distance, Math.max(p - (double) i / SAMPLE, (double) (i + 1) / SAMPLE - p));
    }
    assertTrue(distance < 1.95 / Math.sqrt(SAMPLE), "D = " + distance); // p = 0.001
  }

  @Test
  void pairsAndNeighboursAreUncorrelated() {
    float[] z = sample(5, SAMPLE);
    for (int lag : new int[] {1, 2, 3, 4, 32, 1024}) {
      double sum = 0;
      for (int i = lag; i < SAMPLE; i++) {
        sum += (double) z[i] * z[i - lag];
      }
      assertEquals(0, sum / SAMPLE, 5 / Math.sqrt(SAMPLE), "lag " + lag);
    }
  }

  @Test
  void extremeWordsGiveFiniteNumbers() {
    int[] extreme = {
      0, 1, -1, -2, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xbfffffff, 0xc0000000
    };
    float[] out = new float[4];
    for (int radius : extreme) {
      for (int angle : extreme) {
        Philox.normals(new int[] {radius, angle, angle, radius}, out);
        for (float v : out) {
          assertTrue(Float.isFinite(v) && Math.abs(v) < 6.8f, radius + " " + angle + ": " + v);
        }
      }
    }
  }

  /** Against Box–Muller in float64 with the library's logarithm, sine and cosine. */
  @Test
  void normalsAreBoxMuller() {
    int[] words = new int[4];
    float[] out = new float[4];
    for (int i = 0; i < 100_000; i++) {
      Philox.block(i, 1, 2, 3, 4, 5, words);
      Philox.normals(words, out);
      for (int p = 0; p < 4; p += 2) {
        double u = ((float) (words[p] & 0xffffffffL) + 0.5f) * 0x1p-32; // 24 bits of the word
        double radius = Math.sqrt(-2 * Math.log(u));
        // Quadrant from the two top bits, the angle within it centred on the axis.
        int quadrant = words[p + 1] >>> 30;
        double angle = (words[p + 1] << 2) * 0x1p-32 * Math.PI / 2 + quadrant * Math.PI / 2;
        assertEquals(radius * Math.cos(angle), out[p], 4e-6);
        assertEquals(radius * Math.sin(angle), out[p + 1], 4e-6);
      }
    }
  }

  @Test
  void aLaneDependsOnEveryPartOfItsKeyAndOnNothingElse() {
    int[] keys = new int[7 * Ops.NOISE_KEY_WORDS];
    long[][] lanes = {
      {1, 2, 3, 4}, {1L << 32 | 1, 2, 3, 4}, {2, 2, 3, 4}, {1, 3, 3, 4}, {1, 2, 4, 4}, {1, 2, 3, 5}
    };
    for (int i = 0; i < lanes.length; i++) {
      Philox.laneKey(
          lanes[i][0],
          (int) lanes[i][1],
          (int) lanes[i][2],
          (int) lanes[i][3],
          keys,
          i * Ops.NOISE_KEY_WORDS);
    }
    System.arraycopy(keys, 0, keys, 6 * Ops.NOISE_KEY_WORDS, Ops.NOISE_KEY_WORDS);
    float[][] z =
        IntStream.range(0, 7)
            .mapToObj(
                lane -> {
                  float[] out = new float[12];
                  Philox.lane(keys, lane, 10, out, 1); // a length that is no multiple of four
                  return out;
                })
            .toArray(float[][]::new);
    for (int i = 1; i < 6; i++) {
      assertTrue(z[0][1] != z[i][1] && z[0][9] != z[i][9], "lane " + i);
    }
    assertArrayEquals(z[0], z[6]);
    assertEquals(0f, z[0][0], "before the offset");
    assertEquals(0f, z[0][11], "after the count");
  }
}
