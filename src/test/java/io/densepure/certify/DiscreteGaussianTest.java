package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The noise has the distribution of rounded Gaussian noise, to 127 binary places. */
class DiscreteGaussianTest {
  /** Phi((z + 1/2) / (255 sigma)) in units of 2^-128, rounded down. */
  private static BigInteger threshold(int z, double sigma) {
    BigDecimal scale = new BigDecimal(sigma).multiply(BigDecimal.valueOf(255));
    BigDecimal x = BigDecimal.valueOf(z + 0.5).divide(scale, new MathContext(110));
    return ExactNormal.cdf(x).shiftRight(ExactNormal.BITS - 128);
  }

  private static int level(DiscreteGaussian noise, BigInteger u) {
    int[] words = new int[4];
    for (int i = 0; i < 4; i++) {
      words[i] = u.shiftRight(32 * (3 - i)).intValue();
    }
    return noise.level(words[0], Arrays.copyOfRange(words, 1, 4));
  }

  /** So the probability of z is the difference of two thresholds, exactly. */
  @ParameterizedTest
  @ValueSource(doubles = {0.002, 0.1})
  void everyThresholdSeparatesItsTwoLevels(double sigma) {
    DiscreteGaussian noise = new DiscreteGaussian(sigma);
    BigInteger last = BigInteger.ZERO;
    for (int z = -noise.reach(); z < noise.reach(); z++) {
      BigInteger threshold = threshold(z, sigma);
      if (threshold.compareTo(last) > 0) { // else z is too improbable for 128 places
        assertEquals(z, level(noise, last), "at the threshold before that of " + z);
        assertEquals(z, level(noise, threshold.subtract(BigInteger.ONE)), "below that of " + z);
      }
      last = threshold;
    }
    assertEquals(
        noise.reach(), level(noise, BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE)));
    assertEquals(0, level(noise, BigInteger.ONE.shiftLeft(127)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.004, 0.2})
  void frequenciesAreThoseOfRoundedGaussianNoise(double sigma) {
    DiscreteGaussian noise = new DiscreteGaussian(sigma);
    int copies = 100;
    int[] z = new int[10_000];
    int cells = 21;
    double[] expected = new double[cells];
    long[] seen = new long[cells];
    int width = Math.max(1, (int) (255 * sigma / 4));
    for (int cell = 0; cell < cells; cell++) { // cell c: (c - 10) widths, and the ends open
      double from = cell == 0 ? -1e9 : (cell - 10) * width - 0.5;
      double to = cell == cells - 1 ? 1e9 : (cell - 9) * width - 0.5;
      expected[cell] =
          ConfidenceBounds.normalCdf(to / (255 * sigma))
              - ConfidenceBounds.normalCdf(from / (255 * sigma));
    }
    for (int copy = 0; copy < copies; copy++) {
      noise.sample(99, 3, copy, z);
      for (int value : z) {
        seen[Math.max(0, Math.min(cells - 1, Math.floorDiv(value, width) + 10))]++;
      }
    }
    double chiSquare = 0;
    double total = (double) copies * z.length;
    for (int cell = 0; cell < cells; cell++) {
      double mean = expected[cell] * total;
      if (mean > 5) {
        chiSquare += (seen[cell] - mean) * (seen[cell] - mean) / mean;
      }
    }
    assertTrue(chiSquare < 52, "chi-square of 20 degrees of freedom: " + chiSquare); // 1e-4
  }

  @Test
  void noiseIsAFunctionOfItsKey() {
    DiscreteGaussian noise = new DiscreteGaussian(0.05);
    int[] a = new int[100];
    int[] longer = new int[301];
    noise.sample(1L << 40 | 5, 7, 9, a);
    new DiscreteGaussian(0.05).sample(1L << 40 | 5, 7, 9, longer);
    assertArrayEquals(a, Arrays.copyOf(longer, 100));
    long[][] otherKeys = {
      {5, 7, 9}, {1L << 40 | 6, 7, 9}, {1L << 40 | 5, 8, 9}, {1L << 40 | 5, 7, 8}
    };
    for (long[] key : otherKeys) {
      int[] b = new int[100];
      noise.sample(key[0], (int) key[1], (int) key[2], b);
      assertFalse(Arrays.equals(a, b), Arrays.toString(key));
    }
  }

  @Test
  void theDistanceToTheIdealIsNegligibleButStated() {
    BigDecimal run =
        DiscreteGaussian.variation(1).multiply(BigDecimal.valueOf(100_000L * 3 * 256 * 256));
    assertTrue(run.signum() > 0 && run.doubleValue() < 1e-20, run.toString());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 4.01, Double.NaN, Double.POSITIVE_INFINITY})
  void sigmaIsChecked(double sigma) {
    assertThrows(InputException.class, () -> new DiscreteGaussian(sigma));
  }
}
