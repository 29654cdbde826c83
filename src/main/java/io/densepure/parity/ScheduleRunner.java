package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.diffusion.BetaSchedule;
import io.densepure.diffusion.NoiseSchedule;

/** Every table of one noise schedule, and its timesteps after respacing. */
final class ScheduleRunner implements CaseRunner {
  @Override
  public boolean handles(GoldenCase c) {
    return c.config().has("schedule") && c.config().has("steps");
  }

  @Override
  public void run(
      GoldenCase c, GoldenArrays arrays, Device device, DType dtype, Comparison comparison) {
    NoiseSchedule schedule =
        new NoiseSchedule(
            BetaSchedule.of(c.config().get("schedule").asText()),
            c.config().get("steps").asInt(),
            c.config().path("respacing").asText(""));
    for (String name : arrays.names("")) {
      HostTensor golden = arrays.get(name);
      Shape shape = Shape.of(schedule.steps());
      if (name.equals("timestep_map")) {
        long[] timesteps = new long[schedule.steps()];
        for (int t = 0; t < timesteps.length; t++) {
          timesteps[t] = schedule.timestep(t);
        }
        comparison.exact(name, golden, shape, timesteps);
      } else {
        double[] table = TableColumns.of(schedule.tables(), name);
        comparison.close(name, golden, shape, table, c.tolerance());
      }
    }
  }
}
