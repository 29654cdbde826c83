package io.densepure.examples.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.densepure.InputException;
import io.densepure.api.Classifier;
import io.densepure.api.Images;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/**
 * An image classifier in an ONNX file. Its one input takes float32 pixels in [0, 1], {@code [N, C,
 * H, W]}, so resizing and normalisation must be in the model; its first output is {@code [N,
 * classes]}.
 */
public final class OnnxClassifier implements Classifier, AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String input;

  private OnnxClassifier(Path model) throws OrtException {
    session = environment.createSession(model.toString());
    input = session.getInputNames().iterator().next();
  }

  /**
   * @throws InputException if ONNX Runtime cannot load the model
   */
  public static OnnxClassifier open(Path model) {
    try {
      return new OnnxClassifier(model);
    } catch (OrtException e) {
      throw new InputException(model + ": ONNX Runtime cannot load it: " + e.getMessage(), e);
    }
  }

  @Override
  public float[][] logits(Images images) {
    try (OnnxTensor pixels =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(images.pixels()), images.shape());
        OrtSession.Result result = session.run(Map.of(input, pixels))) {
      return (float[][]) result.get(0).getValue();
    } catch (OrtException e) {
      throw new InputException("ONNX Runtime cannot run the model: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
