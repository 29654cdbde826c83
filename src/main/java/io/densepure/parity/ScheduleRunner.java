package io.densepure.parity;

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
  public void run(Trial trial) {
    GoldenCase c = trial.golden();
    NoiseSchedule schedule =
        new NoiseSchedule(
            BetaSchedule.of(c.config().get("schedule").asText()),
            c.config().get("steps").asInt(),
            c.config().path("respacing").asText(""));
    for (String name : trial.arrays().names("")) {
      HostTensor golden = trial.arrays().get(name);
      Shape shape = Shape.of(schedule.steps());
      if (name.equals("timestep_map")) {
        long[] timesteps = new long[schedule.steps()];
        for (int t = 0; t < timesteps.length; t++) {
          timesteps[t] = schedule.timestep(t);
        }
        trial.comparison().exact(name, golden, shape, timesteps);
      } else {
        double[] table = TableColumns.of(schedule.tables(), name);
        trial.comparison().close(name, golden, shape, table, c.tolerance());
      }
    }
  }
}
