package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.compute.DType;
import io.densepure.compute.DdpmOutput;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.diffusion.DiffusionType;
import io.densepure.diffusion.ReversePlan;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Noisy images through the original's {@code DensePure_Certify} or {@code Certify_Model} with
 * recorded noise: purified images and logits.
 */
final class EndToEndRunner implements CaseRunner {
  @Override
  public boolean handles(GoldenCase c) {
    return c.config().has("classifier")
        && c.source().contains("eval_certified_densepure")
        && !c.source().contains("Smooth.certify");
  }

  @Override
  public void run(
      GoldenCase c, GoldenArrays arrays, Device device, DType dtype, Comparison comparison) {
    JsonNode config = c.config();
    CaseClassifier classifier =
        CaseClassifier.of(c, config.get("classifier"), CaseWeights.of(c, "classifier"));
    HostTensor x = arrays.get("x");
    float[] logits;
    if (config.has("diffusion_model")) {
      float[] purified = purify(c, arrays, x, device, dtype, comparison);
      logits = classifier.run(device, dtype, classifier::ofPurified, purified, x.shape());
    } else {
      logits = classifier.run(device, dtype, classifier::ofPixels, x.toFloats(), x.shape());
    }
    Shape shape = Shape.of(x.shape().dim(0), classifier.classes());
    LogitsCheck.compare(
        arrays.get("logits"), shape, logits, new Precision(dtype, c.tolerance()), comparison);
  }

  private static float[] purify(
      GoldenCase c,
      GoldenArrays arrays,
      HostTensor x,
      Device device,
      DType dtype,
      Comparison comparison) {
    Purifier purifier = purifier(c, device, dtype);
    IntFunction<float[]> noise = noise(arrays, x, purifier.plan());
    float[] purified = purifier.purify(x.toFloats(), x.shape(), noise, (step, values) -> {});
    HostTensor golden = arrays.get("purified");
    new Precision(dtype, c.tolerance())
        .compare(comparison, "purified", golden, purifier.resultShape(x.shape()), purified);
    return purified;
  }

  /** The recorded draws, one per step; one-shot denoising gets along without. */
  private static IntFunction<float[]> noise(GoldenArrays arrays, HostTensor x, ReversePlan plan) {
    boolean unused = plan.steps().stream().noneMatch(step -> step.result() == DdpmOutput.SAMPLE);
    if (unused && !arrays.has("noise")) {
      return step -> new float[x.toFloats().length];
    }
    HostTensor noise = arrays.get("noise"); // [steps, N, C, H, W]
    float[] all = noise.toFloats();
    int size = all.length / noise.shape().dim(0);
    return step -> Arrays.copyOfRange(all, step * size, (step + 1) * size);
  }

  static Purifier purifier(GoldenCase c, Device device, DType dtype) {
    JsonNode args = c.config().path("args");
    DiffusionType type = DiffusionType.of(args.path("diffusion_type").asText());
    JsonNode model = c.config().get("diffusion_model");
    return new Purifier(c, type, args, model, "diffusion", device, dtype);
  }
}
