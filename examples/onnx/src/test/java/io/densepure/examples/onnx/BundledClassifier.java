package io.densepure.examples.onnx;

import io.densepure.compute.HostTensor;
import io.densepure.pipeline.ModelFiles;
import io.densepure.weights.WeightStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import onnx.Onnx;

/**
 * The Wide-ResNet that comes with DensePure, depth 10 and widen factor 2, as an ONNX model with its
 * normalisation: a classifier that DensePure then knows nothing about.
 */
final class BundledClassifier {
  private static final float MEAN = 0.2190f;
  private static final float STD = 0.3318f;
  private static final int SIDE = 32;
  private static final int CLASSES = 10;

  private final WeightStore weights = ModelFiles.open("bundled:fashion_wrn", null, "classifier");
  private final OnnxGraph graph = new OnnxGraph();

  static Path write(Path file) throws IOException {
    new BundledClassifier().build().write(file);
    return file;
  }

  private OnnxGraph build() {
    String x = graph.input(1, SIDE, SIDE);
    x = graph.add("Sub", List.of(x, graph.constant("mean", new float[] {MEAN}, 1)));
    x = graph.add("Div", List.of(x, graph.constant("std", new float[] {STD}, 1)));
    x = conv("conv1", x, 1, 1);
    for (int stage = 1; stage <= 3; stage++) {
      x = block("layer" + stage + ".0", x, stage == 1 ? 1 : 2);
    }
    x = relu(norm("bn1", x));
    x = graph.add("GlobalAveragePool", List.of(x));
    x = graph.add("Flatten", List.of(x));
    graph.output(
        graph.add(
            "Gemm",
            List.of(x, weight("linear.weight"), weight("linear.bias")),
            OnnxGraph.integer("transB", 1)),
        CLASSES);
    return graph;
  }

  /** The stride is in the second convolution, and the shortcut sees the raw input. */
  private String block(String name, String x, int stride) {
    String h = conv(name + ".conv1", relu(norm(name + ".bn1", x)), 1, 1);
    h = conv(name + ".conv2", relu(norm(name + ".bn2", h)), stride, 1);
    return graph.add("Add", List.of(h, conv(name + ".shortcut.0", x, stride, 0)));
  }

  private String conv(String name, String x, int stride, int pad) {
    return graph.add(
        "Conv",
        List.of(x, weight(name + ".weight"), weight(name + ".bias")),
        OnnxGraph.ints("strides", stride, stride),
        OnnxGraph.ints("pads", pad, pad, pad, pad));
  }

  private String norm(String name, String x) {
    List<String> inputs = new ArrayList<>(List.of(x));
    for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
      inputs.add(weight(name + "." + part));
    }
    return graph.add("BatchNormalization", inputs, new Onnx.AttributeProto[0]);
  }

  private String relu(String x) {
    return graph.add("Relu", List.of(x));
  }

  private String weight(String key) {
    HostTensor tensor = weights.get(key);
    int[] extents = new int[tensor.shape().rank()];
    for (int axis = 0; axis < extents.length; axis++) {
      extents[axis] = tensor.shape().dim(axis);
    }
    return graph.constant(key, tensor.toFloats(), extents);
  }
}
