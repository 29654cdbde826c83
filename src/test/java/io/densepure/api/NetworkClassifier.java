package io.densepure.api;

import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.config.SetupConfig;
import io.densepure.data.Dataset;
import io.densepure.model.ImageClassifier;
import io.densepure.pipeline.Backends;
import io.densepure.pipeline.Setup;

/** The bundled classifier as if it were a user's: pixels in, scores out, on a device of its own. */
final class NetworkClassifier implements Classifier, AutoCloseable {
  private final Device device = Backends.open("cpu", 0);
  private final Setup.LoadedClassifier classifier;
  private Tensor pixels; // [N, H, W, C]
  private Tensor scores; // [N, K]
  private Program program;

  NetworkClassifier() {
    Setup setup = new Setup(SetupConfig.load("fashion-mnist", null));
    Dataset data = setup.dataset();
    classifier = setup.classifier(setup.config().classifier(null), data);
  }

  @Override
  public float[][] logits(Images images) {
    if (program == null) {
      record(images);
    }
    device.upload(pixels, images.pixels()); // of one channel, so NCHW is NHWC
    program.run();
    float[] all = device.downloadFloats(scores);
    float[][] rows = new float[images.count()][classifier.network().classes()];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(all, i * rows[i].length, rows[i], 0, rows[i].length);
    }
    return rows;
  }

  private void record(Images images) {
    ImageClassifier network = classifier.network();
    pixels =
        device.allocate(DType.F32, Shape.of(images.count(), images.height(), images.width(), 1));
    scores = device.allocate(DType.F32, Shape.of(images.count(), network.classes()));
    program =
        device.record(
            ops ->
                ops.assign(
                    scores,
                    network.logits(
                        ops, classifier.preprocessing().ofPixels(ops, pixels), DType.F32)));
  }

  @Override
  public void close() {
    if (program != null) {
      program.close();
    }
    device.close();
  }
}
