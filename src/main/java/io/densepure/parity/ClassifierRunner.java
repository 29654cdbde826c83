package io.densepure.parity;

import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;

/**
 * A classifier: logits of the network as the original has it, activations, and for DensePure's
 * Wide-ResNet also the path from a purified image and the pickled module of wide-resnet.pytorch.
 */
final class ClassifierRunner implements CaseRunner {
  private static final String PREPROCESSED = "logits_densepure_preproc";
  private static final String PICKLED_MODULE = "t7_pickled_module";

  @Override
  public boolean handles(GoldenCase c) {
    return CaseNetworks.knows(c.config());
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
    GoldenCase c = trial.golden();
    String output = trial.arrays().has("out") ? "out" : "logits";
    boolean pixels = CasePreprocessing.isCohens(c.settings(c.config()));
    CaseClassifier.Path path = pixels ? classifier::ofPixels : classifier::bare;
    try (NetworkRun run = new NetworkRun(trial)) {
      Tensor images = run.input(x);
      run.expect("parity.logits", prefix + output, trial.arrays().get(output), trial.precision());
      run.expectActivations(prefix);
      run.run(
          ops -> {
            Tensor logits = path.logits(ops, images, trial.dtype());
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
