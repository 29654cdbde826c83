package io.densepure.parity;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Sinusoidal embeddings of the same timesteps at several widths. */
final class TimestepEmbeddingRunner implements CaseRunner {
  /** The timesteps of one array are not among the arrays; the notes give them. */
  private static final Pattern INTEGER_TIMESTEPS =
      Pattern.compile("emb_int_t: t=int64 \\[([0-9, ]+)\\]");

  /**
   * One unit in the last place of a frequency moves the angle of a timestep in the thousands by
   * 2.4e-4, so the reference states a wider tolerance there.
   */
  private static final float LARGE = 1000;

  private static final double LARGE_ATOL = 3e-4;

  @Override
  public boolean handles(GoldenCase c) {
    return c.source().contains("timestep_embedding");
  }

  @Override
  public void run(Trial trial) {
    float[] recorded = trial.arrays().floats("t");
    Tolerance large = new Tolerance(trial.golden().tolerance().rtol(), LARGE_ATOL);
    List<Consumer<Ops>> bodies = new ArrayList<>();
    try (NetworkRun run = new NetworkRun(trial)) {
      for (String name : trial.arrays().names("emb_")) {
        float[] t = name.equals("emb_int_t") ? integerTimesteps(trial.golden()) : recorded;
        HostTensor golden = trial.arrays().get(name);
        int[] near = rows(t, false);
        int[] far = rows(t, true);
        bodies.add(embed(run, name, t, near, golden, trial.golden().tolerance()));
        if (far.length > 0) {
          bodies.add(embed(run, name + " (t > 1000)", t, far, golden, large));
        }
      }
      run.run(ops -> bodies.forEach(body -> body.accept(ops)));
    }
  }

  /** Expects the embeddings of some of the timesteps, and returns what computes them. */
  private static Consumer<Ops> embed(
      NetworkRun run, String row, float[] t, int[] rows, HostTensor golden, Tolerance tolerance) {
    float[] timesteps = new float[rows.length];
    int width = golden.shape().dim(1);
    float[] all = golden.toFloats();
    float[] some = new float[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      timesteps[i] = t[rows[i]];
      System.arraycopy(all, rows[i] * width, some, i * width, width);
    }
    Tensor input = run.input(Shape.of(rows.length), timesteps);
    HostTensor expected = HostTensor.of(row, Shape.of(rows.length, width), some);
    run.expect(row, row, expected, Precision.float32(tolerance));
    return ops -> ops.probe(row, () -> ops.timestepEmbedding(input, width));
  }

  private static int[] rows(float[] t, boolean large) {
    return IntStream.range(0, t.length).filter(i -> t[i] > LARGE == large).toArray();
  }

  private static float[] integerTimesteps(GoldenCase c) {
    Matcher m = INTEGER_TIMESTEPS.matcher(c.notes());
    if (!m.find()) {
      throw new UnsupportedCase("the notes do not give the timesteps of emb_int_t");
    }
    double[] t = Arrays.stream(m.group(1).split(",")).mapToDouble(Double::parseDouble).toArray();
    float[] out = new float[t.length];
    for (int i = 0; i < t.length; i++) {
      out[i] = (float) t[i];
    }
    return out;
  }
}
