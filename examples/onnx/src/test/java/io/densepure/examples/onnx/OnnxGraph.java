package io.densepure.examples.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import onnx.Onnx;
import org.nd4j.shade.protobuf.ByteString;

/** Writes ONNX files: just enough for a convolutional network. */
final class OnnxGraph {
  private static final int OPSET = 13;
  private static final int IR_VERSION = 8;

  private final Onnx.GraphProto.Builder graph = Onnx.GraphProto.newBuilder().setName("classifier");
  private int names;

  /** The graph's input, float32 of {@code [N, C, H, W]} for any N. */
  String input(long channels, long height, long width) {
    graph.addInput(value("pixels", channels, height, width));
    return "pixels";
  }

  /** The graph's output, {@code [N, classes]}. */
  void output(String name, long classes) {
    node("Identity", List.of(name), "scores");
    graph.addOutput(value("scores", classes));
  }

  private static Onnx.ValueInfoProto value(String name, long... extents) {
    Onnx.TensorShapeProto.Builder shape = Onnx.TensorShapeProto.newBuilder();
    shape.addDimBuilder().setDimParam("N");
    for (long extent : extents) {
      shape.addDimBuilder().setDimValue(extent);
    }
    Onnx.ValueInfoProto.Builder value = Onnx.ValueInfoProto.newBuilder().setName(name);
    value
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .setElemType(Onnx.TensorProto.DataType.FLOAT_VALUE)
        .setShape(shape);
    return value.build();
  }

  /** A constant of the model. */
  String constant(String name, float[] values, int... extents) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    Onnx.TensorProto.Builder tensor =
        Onnx.TensorProto.newBuilder()
            .setName(name)
            .setDataType(Onnx.TensorProto.DataType.FLOAT_VALUE)
            .setRawData(ByteString.copyFrom(bytes.array()));
    for (int extent : extents) {
      tensor.addDims(extent);
    }
    graph.addInitializer(tensor);
    return name;
  }

  /** An operation, and the name of its result. */
  String add(String operation, List<String> inputs, Onnx.AttributeProto... attributes) {
    String output = operation + names++;
    node(operation, inputs, output, attributes);
    return output;
  }

  private void node(
      String operation, List<String> inputs, String output, Onnx.AttributeProto... attributes) {
    graph.addNode(
        Onnx.NodeProto.newBuilder()
            .setOpType(operation)
            .addAllInput(inputs)
            .addOutput(output)
            .addAllAttribute(List.of(attributes)));
  }

  static Onnx.AttributeProto ints(String name, long... values) {
    Onnx.AttributeProto.Builder attribute =
        Onnx.AttributeProto.newBuilder()
            .setName(name)
            .setType(Onnx.AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  static Onnx.AttributeProto integer(String name, long value) {
    return Onnx.AttributeProto.newBuilder()
        .setName(name)
        .setType(Onnx.AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  void write(Path file) throws IOException {
    Onnx.ModelProto.Builder model =
        Onnx.ModelProto.newBuilder().setIrVersion(IR_VERSION).setGraph(graph);
    model.addOpsetImportBuilder().setVersion(OPSET);
    Files.write(file, model.build().toByteArray());
  }
}
