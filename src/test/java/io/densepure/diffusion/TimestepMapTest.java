package io.densepure.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimestepMapTest {
  private static final NoiseSchedule COSINE = new NoiseSchedule(BetaSchedule.COSINE, 4000, "");
  private static final NoiseSchedule LINEAR = new NoiseSchedule(BetaSchedule.LINEAR, 1000, "");

  @Test
  void roundsHalfToEvenAsPythonDoes() {
    assertEquals(0, TimestepMap.round(0.5));
    assertEquals(2, TimestepMap.round(1.5));
    assertEquals(2, TimestepMap.round(2.5));
    assertEquals(0, TimestepMap.round(-0.5));
    assertEquals(3, TimestepMap.round(2.51));
  }

  @Test
  void stepsAreEvenlySpacedDownwards() {
    assertArrayEquals(new int[] {10, 8, 5, 2}, TimestepMap.stepIndices(10, 4)); // 7.5, 2.5 to even
    assertArrayEquals(new int[] {3}, TimestepMap.stepIndices(2.6, 1));
    assertArrayEquals(new int[] {1, 1, 0}, TimestepMap.stepIndices(1, 3));
  }

  /** At time t the cosine schedule's ᾱ must be scale², up to the constant f(0). */
  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.25, 0.5, 1, 3})
  void closedFormFindsTheTimeOfEqualNoise(double sigma) {
    TimestepMap.Start start = TimestepMap.of(DiffusionType.DDPM, COSINE, sigma);
    double alphaBar =
        BetaSchedule.cosineAlphaBar(start.t() / 4000) / BetaSchedule.cosineAlphaBar(0);
    assertEquals(start.scale() * start.scale(), alphaBar, 1e-12);
    assertTrue(start.inRange());
  }

  @Test
  void noNoiseMeansTimeZero() {
    TimestepMap.Start start = TimestepMap.of(DiffusionType.DDPM, COSINE, 0);
    assertEquals(0, start.t(), 1e-9);
    assertEquals(1, start.scale());
  }

  @Test
  void bracketSearchTakesTheNearerLevel() {
    DiffusionTables tables = LINEAR.tables();
    double below = tables.sqrtRecipM1AlphaCumprod(100);
    double above = tables.sqrtRecipM1AlphaCumprod(101);
    double middle = (below + above) / 2;
    assertEquals(100, guided((below + middle) / 4).t());
    assertEquals(101, guided((above + middle) / 4).t());
    assertEquals(101, guided(above / 2).t());
    assertEquals(100, guided(below / 2).t()); // a level itself belongs to the bracket below it
  }

  @Test
  void noiseOutsideTheTableFallsBackToTheLastStepAndSaysSo() {
    for (double sigma : new double[] {0, 0.004, 0.005, 90}) {
      assertEquals(999, guided(sigma).t());
      assertFalse(guided(sigma).inRange());
    }
    assertEquals(0, guided(0.0051).t());
    assertTrue(guided(0.0051).inRange());
  }

  private static TimestepMap.Start guided(double sigma) {
    return TimestepMap.of(DiffusionType.GUIDED_DDPM, LINEAR, sigma);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesSigmasThatAreNone(double sigma) {
    assertThrows(InputException.class, () -> guided(sigma));
  }

  @Test
  void closedFormNeedsTheWholeCosineSchedule() {
    NoiseSchedule respaced = new NoiseSchedule(BetaSchedule.COSINE, 4000, "250");
    assertThrows(InputException.class, () -> TimestepMap.of(DiffusionType.DDPM, LINEAR, 0.25));
    assertThrows(InputException.class, () -> TimestepMap.of(DiffusionType.DDPM, respaced, 0.25));
    assertTrue(TimestepMap.of(DiffusionType.GUIDED_DDPM, respaced, 0.25).inRange());
  }
}
