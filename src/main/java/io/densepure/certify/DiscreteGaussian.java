package io.densepure.certify;

import io.densepure.InputException;
import io.densepure.compute.Philox;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.stream.IntStream;

/**
 * Gaussian noise rounded to whole 255ths: {@code round(255 · N(0, sigma^2))}, drawn in whole
 * numbers only. For 8-bit images it is what rounding a noisy image leaves of the noise (Voráček and
 * Hein, ICLR 2023).
 *
 * <p>A number U, uniform in [0, 1), is compared with the thresholds Phi((z + 1/2) / (255 sigma)),
 * which are known to 128 binary places. Its first 32 bits nearly always decide; the other 96 are
 * drawn where they do not. The bits are Philox's, a function of (seed, image, sample, pixel), in
 * streams that nothing else uses.
 */
public final class DiscreteGaussian {
  /** Of an image, in all channels: so that the distance to ideal noise can be stated for any. */
  public static final int MAX_PIXELS = 1 << 24;

  /** For tables of a reasonable size. */
  private static final double MAX_SIGMA = 4;

  /** Phi(-14) is less than 2^-140: farther out the noise is cut off. */
  private static final int REACH = 14;

  private static final int LEVELS = 255;
  private static final int WORDS = 4; // of 32 bits, of each threshold
  private static final int WORD_BITS = 32;
  private static final int GUIDE_BITS = 12;
  private static final int FIRST_BITS_STREAM = -1;
  private static final int MORE_BITS_STREAM = -2;

  private final int reach;
  private final int[][] thresholds = new int[WORDS][]; // [word][z + reach], unsigned, high to low
  private final int[] guide = new int[(1 << GUIDE_BITS) + 1]; // top bits of U to first candidate

  /**
   * @param sigma standard deviation on images in [0, 1]
   * @throws InputException if sigma is not positive or larger than 4
   */
  public DiscreteGaussian(double sigma) {
    if (!(sigma > 0 && sigma <= MAX_SIGMA)) {
      throw InputException.of("sound noise needs a sigma of at most %s, not %s", MAX_SIGMA, sigma);
    }
    reach = reach(sigma);
    for (int word = 0; word < WORDS; word++) {
      thresholds[word] = new int[2 * reach];
    }
    BigDecimal scale = new BigDecimal(sigma).multiply(BigDecimal.valueOf(LEVELS));
    IntStream.range(0, reach).parallel().forEach(z -> setThresholds(z, scale));
    int at = 0;
    for (int top = 0; top <= 1 << GUIDE_BITS; top++) {
      long start = (long) top << WORD_BITS - GUIDE_BITS;
      while (at < 2 * reach && (thresholds[0][at] & 0xffffffffL) < start) {
        at++;
      }
      guide[top] = at;
    }
  }

  private static int reach(double sigma) {
    return (int) Math.ceil(REACH * LEVELS * sigma) + 1;
  }

  /** Those of z and, by symmetry, of -z - 1. */
  private void setThresholds(int z, BigDecimal scale) {
    BigDecimal x = BigDecimal.valueOf(z + 0.5).divide(scale, new MathContext(110));
    BigInteger up = ExactNormal.cdf(x);
    set(reach + z, up);
    set(reach - 1 - z, ExactNormal.ONE.subtract(up));
  }

  private void set(int index, BigInteger threshold) {
    for (int word = 0; word < WORDS; word++) {
      thresholds[word][index] =
          threshold.shiftRight(ExactNormal.BITS - (word + 1) * WORD_BITS).intValue();
    }
  }

  /**
   * An upper bound on the total variation distance between one pixel's noise and its ideal: each
   * threshold is off by less than 2^-127, and each tail beyond the table is less than that.
   */
  public static BigDecimal variation(double sigma) {
    BigDecimal places = new BigDecimal(BigInteger.ONE.shiftLeft(127));
    return BigDecimal.valueOf(2L * reach(sigma) + 2)
        .divide(places, MathContext.DECIMAL64)
        .multiply(BigDecimal.valueOf(1.01)); // more than the division may have rounded off
  }

  /** The largest magnitude of the noise, in 255ths. */
  public int reach() {
    return reach;
  }

  /**
   * The noise of one noisy copy.
   *
   * @param seed of the smoothing noise
   * @param image index in the data set
   * @param sampleWord {@link Lane#sampleWord}
   * @param noise receives whole 255ths, a pixel each, in {@code [C, H, W]} order
   */
  public void sample(long seed, int image, int sampleWord, int[] noise) {
    int low = (int) seed;
    int high = (int) (seed >>> WORD_BITS);
    int[] words = new int[WORDS];
    int[] more = new int[WORDS];
    for (int i = 0; i < noise.length; i++) {
      if (i % WORDS == 0) {
        Philox.block(i / WORDS, image, sampleWord, FIRST_BITS_STREAM, low, high, words);
      }
      int first = words[i % WORDS];
      int index = search(first);
      if (!isDecided(first, index)) {
        Philox.block(i, image, sampleWord, MORE_BITS_STREAM, low, high, more);
        index = decide(first, more, index);
      }
      noise[i] = index - reach;
    }
  }

  /** The noise for U with these 128 bits: the smallest z whose threshold is above it. */
  int level(int first, int[] more) {
    return decide(first, more, search(first)) - reach;
  }

  private boolean isDecided(int first, int index) {
    return index == 2 * reach || thresholds[0][index] != first;
  }

  /** The first threshold whose highest word is not below {@code first}. */
  private int search(int first) {
    int[] highest = thresholds[0];
    int bucket = first >>> WORD_BITS - GUIDE_BITS;
    int from = guide[bucket];
    int to = guide[bucket + 1];
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (Integer.compareUnsigned(highest[middle], first) < 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  /** The first threshold from {@code index} on that U, of {@code first} and more bits, is below. */
  private int decide(int first, int[] more, int index) {
    int at = index;
    while (!isDecided(first, at) && !isBelow(more, at)) {
      at++;
    }
    return at;
  }

  private boolean isBelow(int[] more, int index) {
    for (int word = 1; word < WORDS; word++) {
      int order = Integer.compareUnsigned(more[word - 1], thresholds[word][index]);
      if (order != 0) {
        return order < 0;
      }
    }
    return false;
  }
}
