package io.densepure.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.densepure.compute.HostTensor;
import io.densepure.data.Npz;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules, times and few-step tables against the original's, in float64. */
class ScheduleReferenceTest {
  private static final Path FOLDER = Path.of("src/test/reference/schedules");
  private static final double RTOL = 1e-12;
  private static final double ATOL = 1e-14;

  private static JsonNode sigmaToT;
  private double shareUsed;

  @BeforeAll
  static void read() throws IOException {
    sigmaToT = new ObjectMapper().readTree(FOLDER.resolve("sigma_to_t.json").toFile());
  }

  @ParameterizedTest
  @CsvSource({
    "improved_cosine_4000, COSINE, 4000, ''",
    "improved_cosine_1000, COSINE, 1000, ''",
    "improved_cosine_100, COSINE, 100, ''",
    "improved_cosine_20, COSINE, 20, ''",
    "guided_linear_1000_r1000, LINEAR, 1000, 1000",
    "guided_linear_1000_rnone, LINEAR, 1000, ''",
    "guided_linear_1000_r250, LINEAR, 1000, 250",
    "guided_linear_50_r50, LINEAR, 50, 50",
  })
  void tables(String file, BetaSchedule kind, int steps, String respacing) {
    NoiseSchedule schedule = new NoiseSchedule(kind, steps, respacing);
    try (Npz npz = Npz.open(FOLDER.resolve(file + ".npz"))) {
      HostTensor map = npz.get("timestep_map");
      assertEquals(map.shape().dim(0), schedule.steps());
      for (int t = 0; t < schedule.steps(); t++) {
        assertEquals(map.data().getLong(8 * t), schedule.timestep(t));
      }
      byName(schedule.tables())
          .forEach(
              (name, column) -> {
                HostTensor expected = npz.get(name);
                for (int t = 0; t < schedule.steps(); t++) {
                  assertClose(expected.data().getDouble(8 * t), column.applyAsDouble(t), name, t);
                }
              });
    }
    System.out.printf("%s: %.2g of the tolerance used%n", file, shareUsed);
  }

  @Test
  void sigmaToTimeAndStepLists() {
    assertTrue(sigmaToT.get("rows").size() > 30);
    for (JsonNode row : sigmaToT.get("rows")) {
      DiffusionType type =
          row.get("runner").asText().startsWith("ddpm")
              ? DiffusionType.DDPM
              : DiffusionType.GUIDED_DDPM;
      TimestepMap.Start start =
          TimestepMap.of(type, schedule(type, row), row.get("sigma").asDouble());
      String where = row.toString();
      assertClose(row.get("t").asDouble(), start.t(), where, 0);
      assertClose(row.get("scale").asDouble(), start.scale(), where, 0);
      assertEquals(row.get("one_step_t").asInt(), TimestepMap.round(start.t()), where);
      row.get("steps")
          .fields()
          .forEachRemaining(
              e ->
                  assertIndices(
                      e.getValue(),
                      TimestepMap.stepIndices(start.t(), Integer.parseInt(e.getKey()))));
    }
    System.out.printf("sigma_to_t: %.2g of the tolerance used%n", shareUsed);
  }

  private static NoiseSchedule schedule(DiffusionType type, JsonNode row) {
    return type == DiffusionType.DDPM
        ? new NoiseSchedule(BetaSchedule.COSINE, row.get("t_total").asInt(), "")
        : new NoiseSchedule(BetaSchedule.LINEAR, row.get("diffusion_steps").asInt(), "");
  }

  private static void assertIndices(JsonNode expected, int[] actual) {
    assertEquals(expected.size(), actual.length);
    for (int i = 0; i < actual.length; i++) {
      assertEquals(expected.get(i).asInt(), actual[i], expected.toString());
    }
  }

  /** The tables that the original's p_sample makes for a list of timesteps. */
  @Test
  void fewStepTables() {
    int compared = 0;
    for (JsonNode entry : sigmaToT.get("respaced")) {
      if (entry.has("raises")) {
        continue; // num_t_steps 1: see ReversePlanTest
      }
      int[] indices = new ObjectMapper().convertValue(entry.get("indices_t_steps"), int[].class);
      boolean improved = entry.get("kind").asText().equals("improved");
      NoiseSchedule schedule =
          improved
              ? new NoiseSchedule(BetaSchedule.COSINE, entry.get("T").asInt(), "")
              : new NoiseSchedule(BetaSchedule.LINEAR, 1000, "");
      DiffusionTables tables =
          ReversePlan.fewStepTables(
              schedule, improved ? DiffusionType.DDPM : DiffusionType.GUIDED_DDPM, indices);
      byName(tables)
          .forEach(
              (name, column) -> {
                JsonNode expected = entry.get(name);
                assertEquals(expected.size(), tables.steps());
                for (int t = 0; t < tables.steps(); t++) {
                  double want = number(expected.get(t).asText());
                  assertClose(want, column.applyAsDouble(t), name + " of " + entry, t);
                }
              });
      compared++;
    }
    assertTrue(compared > 80, compared + " compared");
    System.out.printf("respaced: %.2g of the tolerance used%n", shareUsed);
  }

  private static double number(String python) {
    return switch (python) {
      case "nan" -> Double.NaN;
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(python);
    };
  }

  private static Map<String, IntToDoubleFunction> byName(DiffusionTables tables) {
    Map<String, IntToDoubleFunction> columns = new LinkedHashMap<>();
    columns.put("betas", tables::beta);
    columns.put("alphas_cumprod", tables::alphaCumprod);
    columns.put("alphas_cumprod_prev", tables::alphaCumprodPrev);
    columns.put("sqrt_recip_alphas_cumprod", tables::sqrtRecipAlphaCumprod);
    columns.put("sqrt_recipm1_alphas_cumprod", tables::sqrtRecipM1AlphaCumprod);
    columns.put("posterior_variance", tables::posteriorVariance);
    columns.put("posterior_log_variance_clipped", tables::posteriorLogVarianceClipped);
    columns.put("posterior_mean_coef1", tables::posteriorMeanCoef1);
    columns.put("posterior_mean_coef2", tables::posteriorMeanCoef2);
    return columns;
  }

  private void assertClose(double expected, double actual, String where, int index) {
    if (Double.isNaN(expected) || Double.isInfinite(expected)) {
      assertEquals(expected, actual, () -> where + " [" + index + "]");
      return;
    }
    double share = Math.abs(actual - expected) / (ATOL + RTOL * Math.abs(expected));
    assertTrue(
        share <= 1, () -> where + " [" + index + "]: " + expected + " expected, not " + actual);
    shareUsed = Math.max(shareUsed, share);
  }
}
