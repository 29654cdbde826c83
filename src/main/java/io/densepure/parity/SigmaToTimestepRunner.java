package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.diffusion.BetaSchedule;
import io.densepure.diffusion.DiffusionTables;
import io.densepure.diffusion.DiffusionType;
import io.densepure.diffusion.NoiseSchedule;
import io.densepure.diffusion.ReversePlan;
import io.densepure.diffusion.TimestepMap;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * {@code sigma_to_t.json}: for each runner and sigma where the reverse process starts and which
 * timesteps it visits ({@code rows}), and the tables of the few-step process ({@code respaced}).
 */
final class SigmaToTimestepRunner implements CaseRunner {
  private static final List<String> NOT_TABLES =
      List.of("kind", "indices_t_steps", "T", "sigma", "n", "raises");

  /** The guided runner's schedule where an entry does not say. */
  private static final int GUIDED_STEPS = 1000;

  @Override
  public boolean handles(GoldenCase c) {
    return c.id().equals("sigma_to_t") || c.config().has("sigmas");
  }

  @Override
  public void run(Trial trial) {
    JsonNode json = trial.golden().json("json");
    int i = 0;
    for (JsonNode row : json.path("rows")) {
      start("rows[" + i++ + "]", row, trial.golden().tolerance(), trial.comparison());
    }
    i = 0;
    for (JsonNode entry : json.path("respaced")) {
      fewStepTables("respaced[" + i++ + "]", entry, trial.golden().tolerance(), trial.comparison());
    }
  }

  private static void start(String row, JsonNode golden, Tolerance tolerance, Comparison cmp) {
    DiffusionType type =
        golden.path("runner").asText().startsWith("ddpm")
            ? DiffusionType.DDPM
            : DiffusionType.GUIDED_DDPM;
    int steps = golden.path("t_total").asInt(golden.path("diffusion_steps").asInt(GUIDED_STEPS));
    TimestepMap.Start start =
        TimestepMap.of(type, schedule(type, steps), GoldenJson.number(golden, "sigma"));
    cmp.close(row + ".t", GoldenJson.number(golden, "t"), start.t(), tolerance);
    cmp.close(row + ".scale", GoldenJson.number(golden, "scale"), start.scale(), tolerance);
    int rounded = TimestepMap.round(start.t());
    cmp.exact(row + ".one_step_t", GoldenJson.small(golden, "one_step_t"), rounded);
    cmp.exact(row + ".n_full_steps", GoldenJson.small(golden, "n_full_steps"), rounded);
    long[] ends = rounded == 0 ? new long[0] : new long[] {rounded - 1, 0};
    cmp.exact(row + ".full_steps", GoldenJson.longs(GoldenJson.need(golden, "full_steps")), ends);
    for (Map.Entry<String, JsonNode> few : golden.path("steps").properties()) {
      int[] indices = TimestepMap.stepIndices(start.t(), Integer.parseInt(few.getKey()));
      long[] wide = Arrays.stream(indices).asLongStream().toArray();
      cmp.exact(row + ".steps." + few.getKey(), GoldenJson.longs(few.getValue()), wide);
    }
  }

  private static void fewStepTables(
      String row, JsonNode golden, Tolerance tolerance, Comparison cmp) {
    DiffusionType type =
        golden.path("kind").asText().equals("improved")
            ? DiffusionType.DDPM
            : DiffusionType.GUIDED_DDPM;
    int steps = type == DiffusionType.DDPM ? golden.path("T").asInt() : GUIDED_STEPS;
    long[] wide = GoldenJson.longs(golden.path("indices_t_steps"));
    int[] indices = Arrays.stream(wide).mapToInt(Math::toIntExact).toArray();
    DiffusionTables tables = ReversePlan.fewStepTables(schedule(type, steps), type, indices);
    if (golden.has("raises")) {
      // The original cannot take a single step: it looks for the second entry of a table. Here
      // that step is defined (ReversePlan), so only the condition is compared.
      cmp.exact(
          row + " (the original raises " + GoldenJson.need(golden, "raises").asText() + ")",
          1,
          tables.steps());
      return;
    }
    for (Map.Entry<String, JsonNode> table : golden.properties()) {
      if (!NOT_TABLES.contains(table.getKey())) {
        double[] actual = TableColumns.of(tables, table.getKey());
        cmp.close(
            row + "." + table.getKey(), GoldenJson.doubles(table.getValue()), actual, tolerance);
      }
    }
  }

  private static NoiseSchedule schedule(DiffusionType type, int steps) {
    BetaSchedule kind = type == DiffusionType.DDPM ? BetaSchedule.COSINE : BetaSchedule.LINEAR;
    return new NoiseSchedule(kind, steps, "");
  }
}
