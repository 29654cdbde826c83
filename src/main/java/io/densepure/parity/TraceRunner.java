package io.densepure.parity;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.diffusion.ReverseStep;
import io.densepure.diffusion.ReverseTrace;
import java.util.Arrays;
import java.util.List;

/**
 * {@code image_editing_sample} of one of the two runners with recorded noise: the clock, the
 * tables, every quantity of every recorded step, and the purified images.
 */
final class TraceRunner implements CaseRunner {
  private static final Tolerance FLOAT64 = new Tolerance(1e-12, 1e-14);
  private static final String TABLE = "diffusion_";

  @Override
  public boolean handles(GoldenCase c) {
    return c.source().contains("image_editing_sample") && c.config().has("kind");
  }

  @Override
  public void run(Trial trial) {
    GoldenArrays arrays = trial.arrays();
    Purifier purifier = Purifier.ofTrace(trial);
    clock(trial, purifier);
    for (String name : arrays.names(TABLE)) {
      double[] table = TableColumns.of(purifier.plan().tables(), name.substring(TABLE.length()));
      trial.comparison().close(name, arrays.get(name), Shape.of(table.length), table, FLOAT64);
    }
    Shape shape = arrays.get("clean").shape();
    HostTensor noise = arrays.get("noise"); // [calls, N, C, H, W]
    Steps steps = new Steps(trial);
    float[] out = purifier.purify(noisy(trial), shape, i -> slice(noise, i), steps);
    trial.compare("out", purifier.resultShape(shape), out);
    steps.requireComplete();
  }

  /** clean + sigma·z, checked against the recorded image on [-1, 1]. */
  private static float[] noisy(Trial trial) {
    GoldenCase c = trial.golden();
    GoldenArrays arrays = trial.arrays();
    float sigma = (float) GoldenJson.number(GoldenJson.need(c.config(), "args"), "sigma");
    float[] clean = arrays.floats("clean");
    float[] z = arrays.floats("smoothing_noise");
    float[] noisy = new float[clean.length];
    float[] image = new float[clean.length];
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = clean[i] + sigma * z[i];
      image[i] = (noisy[i] - 0.5f) * 2;
    }
    HostTensor golden = arrays.get("img");
    trial.comparison().close("img", golden, golden.shape(), image, c.tolerance());
    return noisy;
  }

  private static void clock(Trial trial, Purifier purifier) {
    Comparison comparison = trial.comparison();
    GoldenArrays arrays = trial.arrays();
    double t = GoldenJson.number(trial.golden().config(), "runner_t");
    double scale = GoldenJson.number(trial.golden().config(), "scale");
    comparison.close("runner_t", t, purifier.plan().start().t(), FLOAT64);
    comparison.close("scale", scale, purifier.plan().start().scale(), FLOAT64);
    List<ReverseStep> steps = purifier.plan().steps();
    HostTensor modelT = arrays.get("model_t_all"); // [calls, N]
    int n = modelT.shape().rank() == 2 ? modelT.shape().dim(1) : 0;
    Shape shape = Shape.of(steps.size(), n);
    float[] modelTimesteps = new float[steps.size() * n];
    long[] timesteps = new long[modelTimesteps.length];
    long[] entries = new long[modelTimesteps.length];
    for (int i = 0; i < modelTimesteps.length; i++) {
      modelTimesteps[i] = steps.get(i / n).modelTimestep();
      timesteps[i] = steps.get(i / n).timestep();
      entries[i] = steps.size() - 1 - i / n; // few-step tables have one entry per step
    }
    comparison.close("model_t_all", modelT, shape, modelTimesteps, Tolerance.EXACT);
    if (arrays.has("real_t_all")) {
      comparison.exact("real_t_all", arrays.get("real_t_all"), shape, timesteps);
      comparison.exact("t_all", arrays.get("t_all"), shape, entries);
    } else {
      comparison.exact("t_all", arrays.get("t_all"), shape, timesteps);
    }
  }

  /** Entry {@code i} along the first axis. */
  private static float[] slice(HostTensor t, int i) {
    int size = Math.toIntExact(t.shape().elements() / t.shape().dim(0));
    return Arrays.copyOfRange(t.toFloats(), i * size, (i + 1) * size);
  }

  /** Compares the steps that were recorded as they come by. */
  private static final class Steps implements ReverseTrace.Observer {
    private final Trial trial;
    private final long[] recorded;
    private int next;

    Steps(Trial trial) {
      this.trial = trial;
      this.recorded = trial.arrays().get("step_index").toLongs();
    }

    @Override
    public void step(int index, ReverseTrace.Step values) {
      if (next < recorded.length && recorded[next] == index) {
        compare("step_x", values.x());
        compare("step_model_out", values.modelOutput());
        compare("step_mean", values.mean());
        compare("step_log_variance", values.logVariance());
        compare("step_pred_xstart", values.predXstart());
        compare("step_sample", values.sample());
        next++;
      }
    }

    private void compare(String name, float[] channelsLast) {
      HostTensor all = trial.arrays().get(name); // [recorded steps, N, C, H, W]
      int[] dims = all.shape().toArray();
      Shape shape = Shape.of(Arrays.copyOfRange(dims, 1, dims.length));
      HostTensor golden = HostTensor.of(name, shape, slice(all, next));
      float[] actual = Layout.channelsFirst(channelsLast, Layout.channelsLast(shape));
      String row = name + "[" + recorded[next] + "]";
      trial.precision().compare(trial.comparison(), row, golden, shape, actual);
    }

    void requireComplete() {
      trial.comparison().exact("number of recorded steps", recorded.length, next);
    }
  }
}
