package io.densepure.compute;

import io.densepure.compute.OpCase.Precision;
import java.util.List;
import java.util.Random;

/** Cases of the operations around the network: timesteps, noise, reverse step, labels. */
final class SamplerCases {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  private static final DdpmCoefficients STEP =
      new DdpmCoefficients(1.25f, 0.75f, 0.3f, 0.68f, -2.5f, -3.75f, 1f);

  private static final DdpmCoefficients LAST_STEP =
      new DdpmCoefficients(1.01f, 0.14f, 1f, 0f, -9.2f, -INF, 0f);

  private SamplerCases() {}

  static void addTo(List<OpCase> cases) {
    for (int dim : new int[] {2, 5, 32, 33, 128}) {
      cases.add(timesteps(dim, "up to 1", 4, 0, 0.25f, 1, -0.5f));
      // One unit in the last place of a frequency moves an angle of t by up to t·2⁻²³.
      cases.add(timesteps(dim, "up to 3999", 5000, 999.75f, 1000, 3999, -12.5f));
    }

    OpCase.Builder rows = OpCase.of("embedding", "[4] of [10, 33]");
    HostTensor table = rows.weight(0, 1, 10, 33);
    cases.add(
        rows.ints(Shape.of(4), new int[] {0, 9, 3, 3})
            .precision(Precision.EXACT)
            .build((ops, in) -> ops.embedding(in.get(0), table)));

    cases.add(noise(3, 8, 8, 3));
    cases.add(noise(1, 5, 7, 3)); // blocks of four that straddle channels
    cases.add(noise(2, 3, 3, 1));
    cases.add(noise(4, 64, 64, 4)); // enough for several threads

    for (DdpmOutput output : DdpmOutput.values()) {
      for (boolean learned : new boolean[] {true, false}) {
        cases.add(ddpm(output, learned, STEP, "", false));
      }
      cases.add(ddpm(output, true, STEP, " NaN and infinity", true));
      cases.add(ddpm(output, false, STEP, " NaN and infinity", true));
    }
    cases.add(ddpm(DdpmOutput.SAMPLE, true, LAST_STEP, " last step, NaN and infinity", true));
    cases.add(ddpm(DdpmOutput.SAMPLE, true, LAST_STEP, " last step", false));
    cases.add(ddpm(DdpmOutput.SAMPLE, false, LAST_STEP, " last step", false));
    cases.add(ddpm(Shape.of(4, 64, 64, 4), DdpmOutput.SAMPLE, true, STEP, " large", false));

    cases.add(argmax("[5, 1000]", Shape.of(5, 1000), null));
    cases.add(argmax("[3, 1]", Shape.of(3, 1), null));
    cases.add(argmax("ties", Shape.of(3, 4), new float[] {1, 2, 2, 0, 5, 5, 5, 5, -1, -2, -1, -3}));
    cases.add(
        argmax(
            "NaN and infinity",
            Shape.of(7, 3),
            new float[] {
              1, NAN, 2, NAN, INF, NAN, -INF, -INF, -INF, 0, INF, 1, NAN, NAN, NAN, 3, -INF, 1, 0,
              1, -1
            }));
    cases.add(argmax("infinity at the end", Shape.of(3, 40), onlyAt(3 * 40, 39, INF)));
    cases.add(argmax("NaN at the end", Shape.of(2, 40), onlyAt(2 * 40, 79, NAN)));
    cases.add(argmax("a zero and a negative zero", Shape.of(2, 2), new float[] {-0f, 0, 0, -0f}));
  }

  private static OpCase timesteps(int dim, String range, double fp32, float... t) {
    return OpCase.of("timestepEmbedding", "dim " + dim + " t " + range)
        .floats(Shape.of(t.length), t)
        .precision(new Precision(4 + fp32, 0, 0))
        .flops(2L * t.length * dim)
        .build((ops, in) -> ops.timestepEmbedding(in.get(0), dim));
  }

  private static OpCase noise(int n, int h, int w, int c) {
    int[] keys = new int[n * Ops.NOISE_KEY_WORDS];
    for (int lane = 0; lane < n; lane++) {
      Philox.laneKey(
          0x123456789abcdefL, 77 + lane, lane * 1000, 3, keys, lane * Ops.NOISE_KEY_WORDS);
    }
    return OpCase.of("gaussianNoise", Shape.of(n, h, w, c).toString())
        .ints(Shape.of(n, Ops.NOISE_KEY_WORDS), keys)
        .precision(Precision.EXACT)
        .flops(40L * n * h * w * c)
        .build((ops, in) -> ops.gaussianNoise(in.get(0), h, w, c));
  }

  private static OpCase ddpm(
      DdpmOutput output, boolean learned, DdpmCoefficients step, String note, boolean nan) {
    return ddpm(Shape.of(2, 5, 5, 3), output, learned, step, note, nan);
  }

  private static OpCase ddpm(
      Shape x,
      DdpmOutput output,
      boolean learned,
      DdpmCoefficients step,
      String note,
      boolean nan) {
    String variance = learned ? "learned variance" : "fixed variance";
    String variant = output.name().toLowerCase() + " " + variance + note;
    Shape model = learned ? x.withChannels(2 * x.dim(3)) : x;
    Random random = new Random(variant.hashCode());
    float[] xs = normals(random, x);
    float[] outputs = normals(random, model);
    if (nan) {
      xs[17] = NAN;
      outputs[40] = NAN;
      outputs[60] = INF;
      outputs[67] = -INF;
      outputs[101] = INF;
      outputs[106] = -INF;
    }
    boolean sample = output == DdpmOutput.SAMPLE;
    OpCase.Builder builder =
        OpCase.of("ddpmStep", variant)
            .floats(x, xs)
            .floats(model, outputs)
            .floats(Shape.of(DdpmCoefficients.LENGTH), step.toArray());
    if (sample) {
      builder.floats(x, normals(random, x));
    }
    return builder
        .precision(sample ? Precision.ROUNDED : Precision.EXACT)
        .flops(15 * x.elements())
        .build(
            (ops, in) ->
                ops.ddpmStep(in.get(0), in.get(1), sample ? in.get(3) : null, in.get(2), output));
  }

  private static float[] normals(Random random, Shape shape) {
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] onlyAt(int length, int index, float value) {
    float[] values = new float[length];
    values[index] = value;
    return values;
  }

  private static OpCase argmax(String variant, Shape shape, float[] values) {
    OpCase.Builder builder = OpCase.of("argmax", variant).precision(Precision.EXACT);
    if (values == null) {
      builder.activations(shape.toArray());
    } else {
      builder.activations(shape, values);
    }
    return builder.flops(shape.elements()).build((ops, in) -> ops.argmax(in.get(0)));
  }
}
