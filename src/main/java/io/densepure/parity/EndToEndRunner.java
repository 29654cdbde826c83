package io.densepure.parity;

import io.densepure.compute.DdpmOutput;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
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
  public void run(Trial trial) {
    CaseClassifier classifier = CaseClassifier.ofEndToEnd(trial.golden());
    HostTensor x = trial.arrays().get("x");
    float[] logits =
        trial.golden().config().has("diffusion_model")
            ? classifier.run(trial, classifier::ofPurified, purify(trial, x), x.shape())
            : classifier.run(trial, classifier::ofPixels, x.toFloats(), x.shape());
    LogitsCheck.compare(trial, Shape.of(x.shape().dim(0), classifier.classes()), logits);
  }

  private static float[] purify(Trial trial, HostTensor x) {
    Purifier purifier = Purifier.ofEndToEnd(trial);
    IntFunction<float[]> noise = noise(trial.arrays(), x, purifier.plan());
    float[] purified = purifier.purify(x.toFloats(), x.shape(), noise, (step, values) -> {});
    trial.compare("purified", purifier.resultShape(x.shape()), purified);
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
}
