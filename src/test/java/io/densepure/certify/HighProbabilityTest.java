package io.densepure.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.certify.HighProbability.Method;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HighProbabilityTest {
  private static double bound(Method method, double alpha, double rho, long k, int m) {
    return new HighProbability(method, alpha, rho).lowerBound(k, m);
  }

  /** Values of the original's expression, evaluated by Python. */
  @Test
  void originalsFormula() {
    assertEquals(0.6806797665511042, bound(Method.ORIGINAL, 0.001, 0.001, 345, 500), 1e-15);
    assertEquals(0.5627928002887953, bound(Method.ORIGINAL, 0.01, 0.05, 60, 100), 1e-15);
    assertEquals(0, bound(Method.ORIGINAL, 0.01, 0.05, 0, 100));
  }

  /** scipy.stats.binom.isf: 4 wrong ones of 500, 3 of 100. */
  @Test
  void exactBound() {
    assertEquals(341.0 / 500, bound(Method.EXACT, 0.001, 0.001, 345, 500), 1e-15);
    assertEquals(0.57, bound(Method.EXACT, 0.01, 0.05, 60, 100), 1e-15);
    assertEquals(0, bound(Method.EXACT, 0.01, 0.05, 2, 100));
  }

  /** The bound is wrong in at most a share rho of the cases, if certificates fail with alpha. */
  @Test
  void exactBoundHoldsInSimulation() {
    Random random = new Random(1);
    HighProbability bound = new HighProbability(Method.EXACT, 0.05, 0.1);
    int wrong = 0;
    for (int trial = 0; trial < 4000; trial++) {
      int valid = 0;
      for (int image = 0; image < 80; image++) {
        valid += random.nextDouble() >= 0.05 ? 1 : 0;
      }
      wrong += bound.lowerBound(80, 80) > valid / 80.0 ? 1 : 0;
    }
    assertTrue(wrong > 0 && wrong < 0.1 * 4000, wrong + " of 4000");
  }

  @Test
  void probabilitiesAreChecked() {
    for (double p : new double[] {0, 1, -1, Double.NaN}) {
      assertThrows(InputException.class, () -> new HighProbability(Method.EXACT, p, 0.1));
      assertThrows(InputException.class, () -> new HighProbability(Method.EXACT, 0.1, p));
    }
  }
}
