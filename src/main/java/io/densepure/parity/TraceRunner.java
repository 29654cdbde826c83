package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.diffusion.DiffusionType;
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
  public void run(
      GoldenCase c, GoldenArrays arrays, Device device, DType dtype, Comparison comparison) {
    JsonNode config = c.config();
    boolean guided = config.get("kind").asText().equals("guided");
    Purifier purifier =
        new Purifier(
            c,
            guided ? DiffusionType.GUIDED_DDPM : DiffusionType.DDPM,
            config.path("args"),
            config.path("model"),
            "checkpoint",
            device,
            dtype);
    clock(c, arrays, purifier, comparison);
    for (String name : arrays.names(TABLE)) {
      HostTensor golden = arrays.get(name);
      double[] table = TableColumns.of(purifier.plan().tables(), name.substring(TABLE.length()));
      comparison.close(name, golden, Shape.of(table.length), table, FLOAT64);
    }
    float[] noisy = noisy(c, arrays, comparison);
    Shape shape = arrays.get("clean").shape();
    Precision precision = new Precision(dtype, c.tolerance());
    Steps steps = new Steps(arrays, precision, comparison);
    HostTensor noise = arrays.get("noise");
    float[] out = purifier.purify(noisy, shape, i -> slice(noise, i), steps);
    HostTensor golden = arrays.get("out");
    Shape result = purifier.resultShape(shape);
    precision.compare(comparison, "out", golden, result, out);
    steps.requireComplete();
  }

  /** clean + sigma·z, checked against the recorded image on [-1, 1]. */
  private static float[] noisy(GoldenCase c, GoldenArrays arrays, Comparison comparison) {
    float sigma = (float) c.config().path("args").path("sigma").asDouble();
    float[] clean = arrays.floats("clean");
    float[] z = arrays.floats("smoothing_noise");
    float[] noisy = new float[clean.length];
    float[] image = new float[clean.length];
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = clean[i] + sigma * z[i];
      image[i] = (noisy[i] - 0.5f) * 2;
    }
    HostTensor golden = arrays.get("img");
    comparison.close("img", golden, golden.shape(), image, c.tolerance());
    return noisy;
  }

  private static void clock(
      GoldenCase c, GoldenArrays arrays, Purifier purifier, Comparison comparison) {
    double t = GoldenJson.number(c.config(), "runner_t");
    double scale = GoldenJson.number(c.config(), "scale");
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
    private final GoldenArrays arrays;
    private final Precision precision;
    private final Comparison comparison;
    private final long[] recorded;
    private int next;

    Steps(GoldenArrays arrays, Precision precision, Comparison comparison) {
      this.arrays = arrays;
      this.precision = precision;
      this.comparison = comparison;
      this.recorded = arrays.get("step_index").toLongs();
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
      HostTensor all = arrays.get(name); // [recorded steps, N, C, H, W]
      int[] dims = all.shape().toArray();
      Shape shape = Shape.of(Arrays.copyOfRange(dims, 1, dims.length));
      HostTensor golden = HostTensor.of(name, shape, slice(all, next));
      float[] actual = Layout.channelsFirst(channelsLast, Layout.channelsLast(shape));
      precision.compare(comparison, name + "[" + recorded[next] + "]", golden, shape, actual);
    }

    void requireComplete() {
      comparison.exact("number of recorded steps", recorded.length, next);
    }
  }
}
