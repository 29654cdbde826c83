package io.densepure.parity;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;

/**
 * DensePure's Wide-ResNet: logits of the bare network and of the path from a purified image,
 * activations, and the same network from the pickled module that wide-resnet.pytorch saves.
 */
final class WideResNetRunner implements CaseRunner {
  private static final String PREPROCESSED = "logits_densepure_preproc";
  private static final String PICKLED_MODULE = "t7_pickled_module";

  @Override
  public boolean handles(GoldenCase c) {
    return c.config().path("cls").asText().contains("Wide_ResNet");
  }

  @Override
  public void run(Trial trial) {
    GoldenCase c = trial.golden();
    HostTensor x = RecipeInput.orRecorded(trial, "x");
    compare("", x, CaseClassifier.of(c, c.config(), CaseWeights.of(trial)), trial);
    if (c.has(PICKLED_MODULE)) {
      CaseClassifier pickled = CaseClassifier.of(c, c.config(), CaseWeights.of(c, PICKLED_MODULE));
      compare("t7: ", x, pickled, trial);
    }
  }

  private static void compare(String prefix, HostTensor x, CaseClassifier classifier, Trial trial) {
    String output = trial.arrays().has("out") ? "out" : "logits";
    try (NetworkRun run = new NetworkRun(trial)) {
      Tensor images = run.input(x);
      run.expect("parity.logits", prefix + output, trial.arrays().get(output), trial.precision());
      run.expectActivations(prefix);
      run.run(
          ops -> {
            Tensor logits = classifier.bare(ops, images, trial.dtype());
            ops.probe("parity.logits", () -> logits);
          });
    }
    if (trial.arrays().has(PREPROCESSED)) {
      float[] logits = classifier.run(trial, classifier::ofPurified, x.toFloats(), x.shape());
      Shape shape = Shape.of(x.shape().dim(0), classifier.classes());
      HostTensor golden = trial.arrays().get(PREPROCESSED);
      trial.precision().compare(trial.comparison(), prefix + PREPROCESSED, golden, shape, logits);
    }
  }
}
