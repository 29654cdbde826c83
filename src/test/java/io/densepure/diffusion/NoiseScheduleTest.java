package io.densepure.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ScheduleReferenceTest's recordings do not reach. */
class NoiseScheduleTest {
  /** Expected values printed by the original's space_timesteps. */
  @ParameterizedTest
  @CsvSource({
    "10, '3', '0 4 9'",
    "10, '4', '0 3 6 9'",
    "10, '1', '0'",
    "11, '2,3', '0 5 6 8 10'",
    "12, '1,1,2', '0 4 8 11'",
    "10, 'ddim5', '0 2 4 6 8'",
    "300, '10,15,20', '0 11 22 33 44 55 66 77 88 99 100 107 114 121 128 135 142 149 157 164 171"
        + " 178 185 192 199 200 205 210 216 221 226 231 236 242 247 252 257 263 268 273 278 283"
        + " 289 294 299'",
  })
  void keepsTheTimestepsThatSpaceTimestepsKeeps(int steps, String respacing, String expected) {
    int[] want = Arrays.stream(expected.split(" ")).mapToInt(Integer::parseInt).toArray();
    NoiseSchedule schedule = new NoiseSchedule(BetaSchedule.COSINE, steps, respacing);
    assertArrayEquals(want, IntStream.range(0, schedule.steps()).map(schedule::timestep).toArray());
    assertFalse(schedule.isComplete());
  }

  @Test
  void keptTimestepsKeepTheirNoiseLevel() {
    NoiseSchedule all = new NoiseSchedule(BetaSchedule.LINEAR, 1000, "");
    NoiseSchedule some = new NoiseSchedule(BetaSchedule.LINEAR, 1000, "ddim50");
    for (int t = 0; t < some.steps(); t++) {
      double want = all.tables().alphaCumprod(some.timestep(t));
      assertEquals(want, some.tables().alphaCumprod(t), 1e-13 * want);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ddim30", "101", "60,40", "0", "-5", "ddim", "1,,2", "many", "1e3"})
  void refusesRespacingsThatDoNotExist(String respacing) {
    String message =
        assertThrows(
                InputException.class, () -> new NoiseSchedule(BetaSchedule.COSINE, 100, respacing))
            .getMessage();
    assertTrue(message.startsWith("timestep_respacing"), message);
  }

  @ParameterizedTest
  @CsvSource({"COSINE, 0", "COSINE, -1", "LINEAR, 19", "COSINE, 2000000000"})
  void refusesStepCountsThatDoNotExist(BetaSchedule kind, int steps) {
    assertThrows(InputException.class, () -> new NoiseSchedule(kind, steps, ""));
  }

  @Test
  void refusesTimestepsOutsideTheSchedule() {
    NoiseSchedule schedule = new NoiseSchedule(BetaSchedule.COSINE, 100, "");
    assertEquals(99, schedule.timestep(99));
    assertThrows(InputException.class, () -> schedule.timestep(100));
    assertThrows(InputException.class, () -> schedule.timestep(-1));
  }
}
