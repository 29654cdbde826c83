package io.densepure.parity;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.model.ImageClassifier;
import io.densepure.model.Preprocessing;
import java.util.Arrays;

/** Purified images through Hugging Face's feature extractor into its ViT: bytes, pixels, logits. */
final class FeatureExtractorPathRunner implements CaseRunner {
  @Override
  public boolean handles(GoldenCase c) {
    return c.config().has("extractor");
  }

  @Override
  public void run(Trial trial) {
    ImageClassifier network = CaseNetworks.vit(CaseWeights.of(trial), trial.golden().config());
    Preprocessing extractor = CasePreprocessing.vit();
    HostTensor images = trial.arrays().get("x_re");
    try (NetworkRun run = new NetworkRun(trial)) {
      Tensor x = run.input(images);
      run.expect(
          "preprocessing.resized",
          "pixel_values_u8",
          trial.arrays().get("pixel_values_u8"),
          Precision.float32(Tolerance.EXACT));
      run.expect("parity.logits", "logits", trial.arrays().get("logits"), trial.precision());
      run.run(
          ops -> {
            Tensor logits = network.logits(ops, extractor.ofPurified(ops, x), trial.dtype());
            ops.probe("parity.logits", () -> logits);
          });
    }
    firstImage(trial, extractor, images);
  }

  private static void firstImage(Trial trial, Preprocessing extractor, HostTensor images) {
    HostTensor golden = trial.arrays().get("pixel_values_0");
    Shape s = images.shape();
    Shape one = Shape.of(1, s.dim(1), s.dim(2), s.dim(3));
    float[] first = Arrays.copyOf(images.toFloats(), Math.toIntExact(one.elements()));
    float[] pixels =
        DeviceImages.run(trial.device(), first, one, golden.shape(), extractor::ofPurified);
    trial
        .comparison()
        .close("pixel_values_0", golden, golden.shape(), pixels, trial.golden().tolerance());
  }
}
