package io.densepure.parity;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;

/**
 * DensePure's Wide-ResNet: logits of the bare network and of the path from a purified image,
 * activations, and the same network from the pickled module that wide-resnet.pytorch saves.
 */
final class WideResNetRunner implements CaseRunner {
  private static final String ACTIVATION = "act/";
  private static final String PREPROCESSED = "logits_densepure_preproc";
  private static final String PICKLED_MODULE = "t7_pickled_module";

  @Override
  public boolean handles(GoldenCase c) {
    return c.source().contains("Wide_ResNet.forward");
  }

  @Override
  public void run(
      GoldenCase c, GoldenArrays arrays, Device device, DType dtype, Comparison comparison) {
    compare(
        "",
        CaseClassifier.of(c, c.config(), CaseWeights.of(c, comparison)),
        c,
        arrays,
        device,
        dtype,
        comparison);
    if (c.has(PICKLED_MODULE)) {
      CaseClassifier pickled = CaseClassifier.of(c, c.config(), CaseWeights.of(c, PICKLED_MODULE));
      compare("t7: ", pickled, c, arrays, device, dtype, comparison);
    }
  }

  private static void compare(
      String prefix,
      CaseClassifier classifier,
      GoldenCase c,
      GoldenArrays arrays,
      Device device,
      DType dtype,
      Comparison comparison) {
    HostTensor x = arrays.get("x");
    Precision precision = new Precision(dtype, c.tolerance());
    try (NetworkRun run = new NetworkRun(device, comparison)) {
      Tensor images = run.input(x);
      for (String name : arrays.names("")) {
        if (name.equals("logits") || name.startsWith(ACTIVATION)) {
          HostTensor golden = arrays.get(name);
          String probe = name.startsWith(ACTIVATION) ? name.substring(ACTIVATION.length()) : name;
          run.expect(probe, prefix + name, golden, precision);
        }
      }
      run.run(
          ops -> {
            Tensor logits = classifier.bare(ops, images, dtype);
            ops.probe("logits", () -> logits);
          });
    }
    if (arrays.has(PREPROCESSED)) {
      HostTensor golden = arrays.get(PREPROCESSED);
      float[] logits =
          classifier.run(device, dtype, classifier::ofPurified, x.toFloats(), x.shape());
      Shape shape = Shape.of(x.shape().dim(0), classifier.classes());
      precision.compare(comparison, prefix + PREPROCESSED, golden, shape, logits);
    }
  }
}
