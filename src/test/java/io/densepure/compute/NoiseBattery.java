package io.densepure.compute;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;

/**
 * Statistical tests that independent standard normal numbers pass, each with probability 1 minus
 * {@link #FALSE_ALARM}. Thresholds come from the distribution of each statistic under independence.
 */
final class NoiseBattery {
  /** Of each single test. */
  static final double FALSE_ALARM = 1e-7;

  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

  private final List<String> flaws = new ArrayList<>();
  private int tests;

  /** All tests on lanes of equal length. */
  NoiseBattery(float[][] lanes, int... lags) {
    float[] all = concatenate(lanes);
    moments(all);
    distribution(all);
    tails(all);
    for (int lag : lags) {
      lagged(lanes, lag);
    }
    betweenLanes(lanes);
  }

  /** What failed, with its p value; empty if all is well. */
  List<String> flaws() {
    return flaws;
  }

  int tests() {
    return tests;
  }

  private void check(String what, double pValue) {
    tests++;
    if (!(pValue >= FALSE_ALARM)) {
      flaws.add("%s: p = %.2g".formatted(what, pValue));
    }
  }

  /** A sum of n independent terms of variance 1 and mean 0. */
  private void checkSum(String what, double sum, long n) {
    check(what, 2 * NORMAL.survivalProbability(Math.abs(sum) / Math.sqrt(n)));
  }

  /** E z^k for k = 1 … 4 is 0, 1, 0, 3, with variance 1, 2, 15, 96: mean to kurtosis. */
  private void moments(float[] all) {
    double[] expected = {0, 1, 0, 3};
    double[] variance = {1, 2, 15, 96};
    for (int k = 1; k <= 4; k++) {
      double sum = 0;
      for (float z : all) {
        sum += (Math.pow(z, k) - expected[k - 1]) / Math.sqrt(variance[k - 1]);
      }
      checkSum("moment " + k, sum, all.length);
    }
  }

  private void distribution(float[] all) {
    double[] x = new double[all.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = all[i];
    }
    check(
        "Kolmogorov-Smirnov",
        KolmogorovSmirnovTest.withDefaults().test(x, NORMAL::cumulativeProbability).getPValue());
  }

  private void tails(float[] all) {
    for (double at : new double[] {1, 2, 3, 3.5, 4, 4.5}) {
      for (int sign : new int[] {-1, 1}) {
        int beyond = 0;
        for (float z : all) {
          beyond += sign * z > at ? 1 : 0;
        }
        BinomialDistribution count =
            BinomialDistribution.of(all.length, NORMAL.survivalProbability(at));
        double few = count.cumulativeProbability(beyond);
        double many = count.survivalProbability(beyond - 1);
        check("tail beyond " + sign * at, Math.min(1, 2 * Math.min(few, many)));
      }
    }
  }

  /** Values and magnitudes at a distance within a lane. */
  private void lagged(float[][] lanes, int lag) {
    double values = 0;
    double magnitudes = 0;
    long n = 0;
    for (float[] lane : lanes) {
      for (int i = lag; i < lane.length; i++) {
        values += (double) lane[i] * lane[i - lag];
        magnitudes += magnitude(lane[i]) * magnitude(lane[i - lag]);
        n++;
      }
    }
    checkSum("lag " + lag, values, n);
    checkSum("lag " + lag + " of magnitudes", magnitudes, n);
  }

  /** z² less its mean, over its standard deviation. */
  private static double magnitude(float z) {
    return ((double) z * z - 1) / Math.sqrt(2);
  }

  /** Every lane with every other: the worst pair, and all together. */
  private void betweenLanes(float[][] lanes) {
    int n = lanes[0].length;
    int pairs = lanes.length * (lanes.length - 1) / 2;
    double worst = 0;
    double sumOfSquares = 0;
    double magnitudes = 0;
    for (int a = 0; a < lanes.length; a++) {
      for (int b = 0; b < a; b++) {
        double values = 0;
        for (int i = 0; i < n; i++) {
          values += (double) lanes[a][i] * lanes[b][i];
          magnitudes += magnitude(lanes[a][i]) * magnitude(lanes[b][i]);
        }
        double z = values / Math.sqrt(n);
        worst = Math.max(worst, Math.abs(z));
        sumOfSquares += z * z;
      }
    }
    check("the worst pair of lanes", Math.min(1, pairs * 2 * NORMAL.survivalProbability(worst)));
    check("pairs of lanes", ChiSquaredDistribution.of(pairs).survivalProbability(sumOfSquares));
    checkSum("magnitudes of pairs of lanes", magnitudes, (long) pairs * n);
  }

  private static float[] concatenate(float[][] lanes) {
    float[] all = new float[lanes.length * lanes[0].length];
    for (int i = 0; i < lanes.length; i++) {
      System.arraycopy(lanes[i], 0, all, i * lanes[0].length, lanes[0].length);
    }
    return all;
  }
}
