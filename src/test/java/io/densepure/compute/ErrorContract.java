package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a device refuses, and how it says so. */
interface ErrorContract {
  Device open();

  /** Wrong calls of one operation. */
  record Wrong(String op, String what, Function<Ops, Tensor> call) {}

  private static HostTensor weight(int... dims) {
    Shape shape = Shape.of(dims);
    return HostTensor.of("layer.weight", shape, new float[(int) shape.elements()]);
  }

  private static HostTensor zeros(int... dims) {
    Shape shape = Shape.of(dims);
    ByteBuffer bytes = ByteBuffer.allocate((int) shape.elements());
    return new HostTensor("layer.index", DType.U8, shape, bytes);
  }

  private static List<Wrong> wrongCalls(Device d) {
    Tensor image = d.allocate(DType.F32, Shape.of(2, 4, 4, 8));
    Tensor tokens = d.allocate(DType.F32, Shape.of(2, 16, 24));
    Tensor vector = d.allocate(DType.F32, Shape.of(3, 8));
    Tensor flat = d.allocate(DType.F32, Shape.of(8));
    Tensor ints = d.allocate(DType.I32, Shape.of(8));
    Tensor keys = d.allocate(DType.I32, Shape.of(2, 4));
    Epilogue none = Epilogue.NONE;
    Epilogue badResidual = Epilogue.residual(vector);
    HostTensor w = weight(16, 8, 3, 3);
    HostTensor c = weight(8);
    PositionBias bias = new PositionBias(weight(2, 4), zeros(15, 15));
    List<Wrong> list = new ArrayList<>();
    list.add(new Wrong("conv2d", "rank of x", o -> o.conv2d(tokens, w, null, 1, 1, none)));
    list.add(new Wrong("conv2d", "integers", o -> o.conv2d(ints, w, null, 1, 1, none)));
    list.add(
        new Wrong("conv2d", "channels", o -> o.conv2d(image, weight(4, 9, 1, 1), c, 1, 1, none)));
    list.add(new Wrong("conv2d", "weight", o -> o.conv2d(image, weight(4, 8), c, 1, 1, none)));
    list.add(new Wrong("conv2d", "bias", o -> o.conv2d(image, w, c, 1, 1, none)));
    list.add(new Wrong("conv2d", "stride", o -> o.conv2d(image, w, null, 0, 1, none)));
    list.add(new Wrong("conv2d", "padding", o -> o.conv2d(image, w, null, 1, -1, none)));
    list.add(
        new Wrong("conv2d", "kernel", o -> o.conv2d(image, weight(1, 8, 5, 5), null, 1, 0, none)));
    list.add(new Wrong("conv2d", "residual", o -> o.conv2d(image, w, null, 1, 1, badResidual)));
    list.add(new Wrong("conv2d", "dtype", o -> o.conv2d(image, w, null, 1, 1, none.as(DType.I32))));
    list.add(
        new Wrong(
            "upsampledConv2d", "weight", o -> o.upsampledConv2d(image, weight(4, 8, 5, 5), null)));
    list.add(new Wrong("upsampledConv2d", "bias", o -> o.upsampledConv2d(image, w, c)));
    list.add(new Wrong("linear", "channels", o -> o.linear(image, weight(4, 9), null, none)));
    list.add(new Wrong("linear", "kernel", o -> o.linear(image, weight(4, 8, 3, 3), null, none)));
    list.add(new Wrong("linear", "bias", o -> o.linear(image, weight(4, 8), c, none)));
    list.add(new Wrong("linear", "integers", o -> o.linear(ints, weight(4, 8), null, none)));
    list.add(
        new Wrong("linear", "residual", o -> o.linear(image, weight(4, 8), null, badResidual)));
    list.add(new Wrong("groupNorm", "groups", o -> norm(o, image, c, 3, null)));
    list.add(new Wrong("groupNorm", "weight", o -> norm(o, image, weight(9), 4, null)));
    list.add(new Wrong("groupNorm", "rank", o -> norm(o, vector, c, 4, null)));
    list.add(new Wrong("groupNorm", "scaleShift", o -> norm(o, image, c, 4, vector)));
    list.add(
        new Wrong("groupNorm", "eps", o -> o.groupNorm(image, c, c, 4, -1, null, Activation.NONE)));
    list.add(new Wrong("attention", "heads", o -> o.attention(tokens, 3, QkvLayout.QKV_FIRST)));
    list.add(new Wrong("attention", "no heads", o -> o.attention(tokens, 0, QkvLayout.QKV_FIRST)));
    list.add(
        new Wrong("attention", "bias", o -> o.attention(tokens, 2, QkvLayout.QKV_FIRST, bias)));
    list.add(new Wrong("layerNorm", "integers", o -> o.layerNorm(ints, c, c, 1e-6f)));
    list.add(new Wrong("layerNorm", "weight", o -> o.layerNorm(image, weight(9), c, 1e-6f)));
    list.add(new Wrong("layerNorm", "bias", o -> o.layerNorm(image, c, weight(1, 8), 1e-6f)));
    list.add(new Wrong("layerNorm", "eps", o -> o.layerNorm(image, c, c, 0)));
    list.add(new Wrong("prependToken", "rank", o -> o.prependToken(image, weight(1, 1, 8), null)));
    list.add(new Wrong("prependToken", "token", o -> o.prependToken(tokens, c, null)));
    list.add(
        new Wrong(
            "prependToken",
            "positions",
            o -> o.prependToken(tokens, weight(1, 1, 24), weight(1, 16, 24))));
    list.add(new Wrong("meanTokens", "rank", o -> o.meanTokens(image, 0, 1)));
    list.add(new Wrong("meanTokens", "no tokens", o -> o.meanTokens(tokens, 3, 3)));
    list.add(new Wrong("meanTokens", "too many tokens", o -> o.meanTokens(tokens, 0, 17)));
    list.add(new Wrong("transpose", "rank", o -> o.transpose(image)));
    list.add(new Wrong("attention", "rank", o -> o.attention(image, 1, QkvLayout.QKV_FIRST)));
    list.add(
        new Wrong(
            "channelAffine", "scale", o -> o.channelAffine(image, weight(9), c, Activation.NONE)));
    list.add(new Wrong("addPerImage", "images", o -> o.addPerImage(image, vector)));
    list.add(new Wrong("addPerImage", "rank", o -> o.addPerImage(tokens, vector)));
    list.add(new Wrong("activate", "integers", o -> o.activate(ints, Activation.RELU)));
    list.add(new Wrong("add", "shapes", o -> o.add(image, tokens)));
    list.add(new Wrong("add", "dtypes", o -> o.add(flat, ints)));
    list.add(new Wrong("combine", "shapes", o -> o.combine(1, image, 1, tokens, 0)));
    list.add(new Wrong("combine", "no y", o -> o.combine(1, image, 1, null, 0)));
    list.add(new Wrong("combine", "integers", o -> o.combine(1, ints, 0, null, 0)));
    list.add(new Wrong("upsampleNearest2x", "rank", o -> o.upsampleNearest2x(tokens)));
    list.add(new Wrong("avgPool2d", "size", o -> o.avgPool2d(image, 5, 1)));
    list.add(new Wrong("avgPool2d", "stride", o -> o.avgPool2d(image, 2, 0)));
    list.add(new Wrong("maxPool2d", "size", o -> o.maxPool2d(image, 7, 1, 1)));
    list.add(new Wrong("maxPool2d", "stride", o -> o.maxPool2d(image, 2, 0, 0)));
    list.add(new Wrong("maxPool2d", "padding", o -> o.maxPool2d(image, 3, 2, 2)));
    list.add(new Wrong("resizeBicubic", "rank", o -> o.resizeBicubic(tokens, 8, 8)));
    list.add(new Wrong("resizeBicubic", "to nothing", o -> o.resizeBicubic(image, 8, 0)));
    list.add(new Wrong("toBytes", "integers", o -> o.toBytes(ints)));
    list.add(new Wrong("resizeBytes", "rank", o -> o.resizeBytes(flat, 8, 8)));
    list.add(new Wrong("resizeBytes", "to nothing", o -> o.resizeBytes(image, 0, 8)));
    list.add(new Wrong("concatChannels", "rows", o -> o.concatChannels(image, tokens)));
    list.add(new Wrong("timestepEmbedding", "dim", o -> o.timestepEmbedding(flat, 1)));
    list.add(new Wrong("timestepEmbedding", "integers", o -> o.timestepEmbedding(ints, 8)));
    list.add(new Wrong("embedding", "ids", o -> o.embedding(flat, weight(4, 8))));
    list.add(new Wrong("embedding", "table", o -> o.embedding(ints, c)));
    list.add(new Wrong("gaussianNoise", "keys", o -> o.gaussianNoise(keys, 4, 4, 3)));
    list.add(new Wrong("gaussianNoise", "rank", o -> o.gaussianNoise(ints, 4, 4, 3)));
    list.add(new Wrong("ddpmStep", "no noise", o -> ddpm(o, image, image, null, flat)));
    list.add(new Wrong("ddpmStep", "model output", o -> ddpm(o, image, tokens, image, flat)));
    list.add(new Wrong("ddpmStep", "coefficients", o -> ddpm(o, image, image, image, vector)));
    list.add(new Wrong("argmax", "rank", o -> o.argmax(flat)));
    list.add(new Wrong("cast", "integers", o -> o.cast(ints, DType.F32)));
    list.add(new Wrong("cast", "to integers", o -> o.cast(flat, DType.I32)));
    list.add(new Wrong("reshape", "elements", o -> o.reshape(image, Shape.of(2, 5))));
    list.add(new Wrong("assign", "shape", o -> assign(o, image, tokens)));
    list.add(new Wrong("assign", "dtype", o -> assign(o, flat, ints)));
    list.add(new Wrong("assign", "not persistent", o -> assign(o, o.add(flat, flat), flat)));
    return list;
  }

  private static Tensor norm(Ops ops, Tensor x, HostTensor w, int groups, Tensor scaleShift) {
    return ops.groupNorm(x, w, w, groups, 1e-5f, scaleShift, Activation.NONE);
  }

  private static Tensor ddpm(Ops ops, Tensor x, Tensor model, Tensor noise, Tensor coefficients) {
    return ops.ddpmStep(x, model, noise, coefficients, DdpmOutput.SAMPLE);
  }

  private static Tensor assign(Ops ops, Tensor persistent, Tensor value) {
    ops.assign(persistent, value);
    return persistent;
  }

  @TestFactory
  default Stream<DynamicTest> wrongCallsAreRefusedByName() {
    Device device = open();
    List<Wrong> calls = wrongCalls(device);
    Set<String> operations = new HashSet<>(OpCases.all().stream().map(OpCase::op).toList());
    calls.forEach(call -> operations.remove(call.op));
    assertTrue(operations.isEmpty(), "no wrong call of " + operations);
    return calls.stream()
        .map(
            wrong ->
                DynamicTest.dynamicTest(
                    wrong.op + ": " + wrong.what, () -> assertRefused(device, wrong)))
        .onClose(device::close);
  }

  private static void assertRefused(Device device, Wrong wrong) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> device.record(ops -> wrong.call.apply(ops)));
    assertTrue(e.getMessage().startsWith(wrong.op + ":"), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  @Test
  default void aRefusedRecordingLeavesTheDeviceUsable() {
    try (Device device = open()) {
      Tensor x = device.allocate(DType.F32, Shape.of(2));
      device.upload(x, new float[] {1, 2});
      assertThrows(
          IllegalArgumentException.class,
          () ->
              device.record(
                  ops -> {
                    ops.assign(x, ops.combine(3, x, 0, null, 0));
                    ops.upsampleNearest2x(x);
                  }));
      try (Program program = device.record(ops -> ops.assign(x, ops.combine(2, x, 0, null, 0)))) {
        program.run();
      }
      assertArrayEquals(new float[] {2, 4}, device.downloadFloats(x));
    }
  }

  @Test
  default void transfersOfTheWrongLengthOrKindAreRefused() {
    try (Device device = open()) {
      Tensor floats = device.allocate(DType.F32, Shape.of(2, 2));
      Tensor ints = device.allocate(DType.I32, Shape.of(4));
      for (Runnable wrong :
          List.<Runnable>of(
              () -> device.upload(floats, new float[3]),
              () -> device.upload(floats, new float[5]),
              () -> device.upload(floats, new int[4]),
              () -> device.upload(ints, new float[4]),
              () -> device.upload(ints, new int[3]),
              () -> device.downloadInts(floats),
              () -> device.downloadFloats(ints))) {
        assertThrows(IllegalArgumentException.class, wrong::run);
      }
    }
  }

  @Test
  default void onlySomeDtypesAndShapesCanBeAllocated() {
    try (Device device = open()) {
      for (DType dtype : DType.values()) {
        if (device.supports(dtype) || dtype == DType.I32) {
          assertEquals(dtype, device.allocate(dtype, Shape.of(1)).dtype());
        } else {
          assertThrows(IllegalArgumentException.class, () -> device.allocate(dtype, Shape.of(1)));
        }
      }
      assertTrue(device.supports(DType.F32));
      assertFalse(device.supports(DType.I32), "integers are no activations");
      assertThrows(
          IllegalArgumentException.class, () -> device.allocate(DType.F32, Shape.of(2, 0)));
    }
  }

  /** Halves that the device cannot store are refused as a result, too. */
  @Test
  default void unsupportedDtypesAreRefusedWhenRecording() {
    try (Device device = open()) {
      Tensor x = device.allocate(DType.F32, Shape.of(2));
      for (DType dtype : Arrays.asList(DType.BF16, DType.F16)) {
        if (!device.supports(dtype)) {
          assertThrows(
              IllegalArgumentException.class, () -> device.record(ops -> ops.cast(x, dtype)));
        }
      }
    }
  }

  @Test
  default void tensorsOfOthersAreRefused() {
    try (Device device = open();
        Device other = open();
        Device reference = new ReferenceDevice()) {
      Tensor x = device.allocate(DType.F32, Shape.of(2));
      for (Tensor foreign :
          List.of(
              other.allocate(DType.F32, Shape.of(2)), reference.allocate(DType.F32, Shape.of(2)))) {
        assertThrows(IllegalArgumentException.class, () -> device.upload(foreign, new float[2]));
        assertThrows(IllegalArgumentException.class, () -> device.downloadFloats(foreign));
        assertThrows(IllegalArgumentException.class, () -> device.free(foreign));
        assertThrows(
            IllegalArgumentException.class, () -> device.record(ops -> ops.add(x, foreign)));
      }
    }
  }

  @Test
  default void intermediateResultsStayInTheirProgram() {
    try (Device device = open()) {
      Tensor x = device.allocate(DType.F32, Shape.of(2));
      Tensor[] escaped = new Tensor[1];
      try (Program program = device.record(ops -> escaped[0] = ops.add(x, x))) {
        program.run();
        assertThrows(IllegalArgumentException.class, () -> device.downloadFloats(escaped[0]));
        assertThrows(
            IllegalArgumentException.class, () -> device.record(ops -> ops.add(x, escaped[0])));
      }
    }
  }

  @Test
  default void freedTensorsAreGone() {
    try (Device device = open()) {
      Tensor x = device.allocate(DType.F32, Shape.of(2));
      device.free(x);
      assertThrows(IllegalArgumentException.class, () -> device.upload(x, new float[2]));
      assertThrows(IllegalArgumentException.class, () -> device.downloadFloats(x));
      assertThrows(IllegalArgumentException.class, () -> device.free(x));
      assertThrows(IllegalArgumentException.class, () -> device.record(ops -> ops.add(x, x)));
    }
  }

  @Test
  default void closedMeansClosed() {
    Device device = open();
    Tensor x = device.allocate(DType.F32, Shape.of(2));
    Program closed = device.record(ops -> ops.assign(x, ops.add(x, x)));
    Program left = device.record(ops -> ops.assign(x, ops.add(x, x)));
    closed.close();
    closed.close();
    assertThrows(IllegalStateException.class, closed::run);
    left.run();
    device.close();
    device.close();
    assertThrows(IllegalStateException.class, left::run);
    left.close();
    assertThrows(IllegalStateException.class, () -> device.allocate(DType.F32, Shape.of(2)));
    assertThrows(IllegalStateException.class, () -> device.upload(x, new float[2]));
    assertThrows(IllegalStateException.class, () -> device.downloadFloats(x));
    assertThrows(IllegalStateException.class, () -> device.record(ops -> {}));
  }

  @Test
  default void anEmptyProgramDoesNothing() {
    try (Device device = open();
        Program program = device.record(ops -> {})) {
      program.run();
      assertTrue(program.arenaBytes() >= 0);
    }
  }
}
