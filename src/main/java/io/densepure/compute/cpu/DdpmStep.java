package io.densepure.compute.cpu;

import io.densepure.compute.DdpmCoefficients;
import io.densepure.compute.DdpmOutput;
import java.nio.FloatBuffer;

/** One reverse step, in Java; see {@link io.densepure.compute.Ops#ddpmStep} for the formulas. */
record DdpmStep(
    CpuTensor x,
    CpuTensor modelOutput,
    CpuTensor noise,
    CpuTensor coefficients,
    DdpmOutput output,
    CpuTensor out) {
  void build(StepBuilder builder) {
    builder.host("", () -> bind(builder));
  }

  private Runnable bind(StepBuilder builder) {
    int images = x.shape().dim(0);
    int perImage = (int) (x.elements() / images);
    int channels = x.channels();
    int modelChannels = modelOutput.channels();
    FloatBuffer xs = x.floats();
    FloatBuffer model = modelOutput.floats();
    FloatBuffer noises = noise == null ? null : noise.floats();
    FloatBuffer coefficient = coefficients.floats();
    FloatBuffer to = out.floats();
    return () -> {
      DdpmCoefficients c = read(coefficient);
      HostOps.forEach(
          images,
          out,
          builder,
          image -> {
            for (int i = image * perImage; i < (image + 1) * perImage; i++) {
              int m = i / channels * modelChannels + i % channels;
              float v = modelChannels == channels ? Float.NaN : model.get(m + channels);
              float z = noises == null ? 0f : noises.get(i);
              to.put(i, step(c, xs.get(i), model.get(m), v, modelChannels != channels, z));
            }
          });
    };
  }

  private float step(
      DdpmCoefficients c, float x, float eps, float v, boolean learnedVariance, float noise) {
    if (!Float.isFinite(eps) || learnedVariance && !Float.isFinite(v)) {
      return Float.NaN;
    }
    float x0 =
        Math.max(-1f, Math.min(1f, c.sqrtRecipAlphaBar() * x - c.sqrtRecipM1AlphaBar() * eps));
    float mean = c.posteriorMeanCoef1() * x0 + c.posteriorMeanCoef2() * x;
    return switch (output) {
      case PRED_XSTART -> x0;
      case MEAN -> mean;
      case LOG_VARIANCE -> logVariance(c, v, learnedVariance);
      case SAMPLE ->
          c.noiseScale() == 0f
              ? mean
              : mean
                  + c.noiseScale()
                      * (float) Math.exp(0.5f * logVariance(c, v, learnedVariance))
                      * noise;
    };
  }

  private static float logVariance(DdpmCoefficients c, float v, boolean learned) {
    if (!learned) {
      return c.minLogVariance();
    }
    float fraction = (v + 1f) / 2f;
    return fraction * c.maxLogVariance() + (1f - fraction) * c.minLogVariance();
  }

  private static DdpmCoefficients read(FloatBuffer c) {
    return new DdpmCoefficients(
        c.get(0), c.get(1), c.get(2), c.get(3), c.get(4), c.get(5), c.get(6));
  }
}
