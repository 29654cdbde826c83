package io.densepure.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.Settings;
import io.densepure.compute.DdpmCoefficients;
import io.densepure.compute.DdpmOutput;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReversePlanTest {
  private static final ReverseMode FULL = new ReverseMode.Full();

  private static ReversePlan ddpm(int total, double sigma, ReverseMode mode) {
    return ReversePlan.of(flags(DiffusionType.DDPM, total), DiffusionType.DDPM, sigma, mode);
  }

  private static ReversePlan guided(double sigma, ReverseMode mode, Object... flags) {
    DiffusionSettings settings = flags(DiffusionType.GUIDED_DDPM, 1000, flags);
    return ReversePlan.of(settings, DiffusionType.GUIDED_DDPM, sigma, mode);
  }

  private static DiffusionSettings flags(DiffusionType type, int total, Object... flags) {
    Map<String, Object> values = new java.util.HashMap<>();
    for (int i = 0; i < flags.length; i += 2) {
      values.put((String) flags[i], flags[i + 1]);
    }
    return DiffusionSettings.fromFlags(new Settings("test.yml", values), type, total);
  }

  @Test
  void oneShotReturnsThePredictionAtTheRoundedTime() {
    ReversePlan plan = ddpm(4000, 0.25, new ReverseMode.OneShot(0));
    assertEquals(1, plan.steps().size());
    ReverseStep step = plan.steps().get(0);
    assertEquals(1159, step.timestep()); // t = 1158.51
    assertEquals(1159 * 0.25f, step.modelTimestep());
    assertEquals(DdpmOutput.PRED_XSTART, step.result());
    assertEquals(
        (float) plan.tables().sqrtRecipAlphaCumprod(1159), step.coefficients().sqrtRecipAlphaBar());
    assertEquals(1174, ddpm(4000, 0.25, new ReverseMode.OneShot(15)).steps().get(0).timestep());
  }

  @ParameterizedTest
  @ValueSource(ints = {2841, -1160, 4000})
  void oneShotRefusesTimesOutsideTheSchedule(int tPlus) {
    assertThrows(InputException.class, () -> ddpm(4000, 0.25, new ReverseMode.OneShot(tPlus)));
    assertEquals(1, ddpm(4000, 0.25, new ReverseMode.OneShot(2840)).steps().size());
  }

  @Test
  void fullChainTakesEveryTimestepBelowTheRoundedTime() {
    List<ReverseStep> steps = ddpm(20, 0.25, FULL).steps(); // t = 5.79
    assertEquals(List.of(5, 4, 3, 2, 1, 0), steps.stream().map(ReverseStep::timestep).toList());
    assertEquals(5 * 50f, steps.get(0).modelTimestep());
    for (ReverseStep step : steps) {
      boolean last = step.timestep() == 0;
      assertEquals(last ? DdpmOutput.MEAN : DdpmOutput.SAMPLE, step.result());
      assertEquals(last ? 0 : 1, step.coefficients().noiseScale());
    }
  }

  @Test
  void fullChainIsEmptyWhereNoTimestepIsLeft() {
    assertTrue(guided(0.0051, FULL).steps().isEmpty());
    assertFalse(guided(0.0051, FULL).hasDegenerateSteps());
  }

  @Test
  void respacedTimestepsReachTheModelAsTheOriginalOnes() {
    ReversePlan plan = guided(0.5, new ReverseMode.Steps(2), "timestep_respacing", 100);
    assertEquals(26, plan.steps().get(0).timestep());
    assertEquals(262f, plan.steps().get(0).modelTimestep());
    ReversePlan rescaled =
        guided(0.5, new ReverseMode.OneShot(0), "diffusion_steps", 500, "rescale_timesteps", true);
    ReverseStep step = rescaled.steps().get(0);
    assertEquals(2f * step.timestep(), step.modelTimestep());
    assertEquals(
        3 * (float) (1000 / 37.0),
        ddpm(37, 0.06, new ReverseMode.Steps(5)).steps().get(0).modelTimestep());
  }

  /** The original raises IndexError. One step to time 0 is x_0 itself, without noise. */
  @Test
  void aSingleStepReturnsThePredictionOfXstartWithoutNoise() {
    for (ReversePlan plan :
        List.of(ddpm(4000, 0.5, new ReverseMode.Steps(1)), guided(0.5, new ReverseMode.Steps(1)))) {
      assertEquals(1, plan.steps().size());
      assertFalse(plan.hasDegenerateSteps());
      DdpmCoefficients c = plan.steps().get(0).coefficients();
      assertEquals(1, c.posteriorMeanCoef1(), 1e-6f);
      assertEquals(0, c.posteriorMeanCoef2());
      assertEquals(0, c.noiseScale());
      assertEquals(DdpmOutput.MEAN, plan.steps().get(0).result());
    }
  }

  @Test
  void moreStepsThanTimestepsAreDegenerate() {
    assertTrue(ddpm(37, 0.06, new ReverseMode.Steps(5)).hasDegenerateSteps()); // 3 2 2 1 1
    assertTrue(guided(0.0051, new ReverseMode.Steps(1)).hasDegenerateSteps()); // 0
    assertFalse(ddpm(4000, 0.25, new ReverseMode.Steps(40)).hasDegenerateSteps());
    assertFalse(ddpm(100, 0.25, FULL).hasDegenerateSteps());
  }

  @Test
  void refusesStepCountsThatMakeNoSense() {
    for (int count : new int[] {0, -3, 4001, Integer.MAX_VALUE}) {
      assertThrows(InputException.class, () -> ddpm(4000, 0.25, new ReverseMode.Steps(count)));
    }
    assertThrows(InputException.class, () -> ddpm(4000, 1e9, new ReverseMode.Steps(2))); // t = T
  }

  @ParameterizedTest
  @EnumSource(VarianceType.class)
  void varianceComesFromWhereTheFlagsSay(VarianceType variance) {
    boolean learned = variance == VarianceType.LEARNED_RANGE;
    ReversePlan plan =
        guided(
            0.25,
            new ReverseMode.Steps(3),
            "learn_sigma",
            learned,
            "sigma_small",
            variance == VarianceType.FIXED_SMALL);
    DiffusionTables tables = plan.tables();
    for (int i = 0; i < 3; i++) {
      int entry = 2 - i;
      float logBeta = (float) Math.log(tables.beta(entry));
      float posterior = (float) Math.log(tables.posteriorVariance(Math.max(1, entry)));
      float large = entry == 0 ? posterior : logBeta;
      DdpmCoefficients c = plan.steps().get(i).coefficients();
      switch (variance) {
        case LEARNED_RANGE -> assertVariances(logBeta, posterior, c);
        case FIXED_SMALL -> assertVariances(posterior, posterior, c);
        case FIXED_LARGE -> assertVariances(large, large, c);
      }
    }
    assertNotEquals(
        (float) Math.log(tables.beta(2)), (float) Math.log(tables.posteriorVariance(2)));
  }

  private static void assertVariances(float max, float min, DdpmCoefficients c) {
    assertEquals(max, c.maxLogVariance());
    assertEquals(min, c.minLogVariance());
  }

  @Test
  void aModelThatPredictsXstartIsTakenAtItsWord() {
    DdpmCoefficients c =
        guided(0.25, new ReverseMode.OneShot(0), "predict_xstart", true)
            .steps()
            .get(0)
            .coefficients();
    assertEquals(0, c.sqrtRecipAlphaBar());
    assertEquals(-1, c.sqrtRecipM1AlphaBar());
  }

  @Test
  void settingsNameTheFileAndTheFlag() {
    for (Object[] bad :
        new Object[][] {
          {"noise_schedule", "sqrt"}, {"diffusion_steps", "x"}, {"timestep_respacing", "2000"}
        }) {
      String message =
          assertThrows(InputException.class, () -> flags(DiffusionType.GUIDED_DDPM, 1000, bad))
              .getMessage();
      assertTrue(message.startsWith("test.yml: "), message);
      assertTrue(message.contains((String) bad[0]), message);
    }
  }

  @Test
  void typesHaveTheNamesOfTheCommandLine() {
    assertEquals(DiffusionType.GUIDED_DDPM, DiffusionType.of("guided-ddpm"));
    assertEquals(DiffusionType.DDPM, DiffusionType.of("ddpm"));
    assertThrows(InputException.class, () -> DiffusionType.of("sde"));
  }
}
