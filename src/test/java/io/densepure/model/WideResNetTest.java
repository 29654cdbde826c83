package io.densepure.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.Activation;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.ReferenceDevice;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.MapWeightStore;
import io.densepure.weights.WeightPath;
import io.densepure.weights.WeightStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loading and folding; that the numbers are the original's, the golden case shows. */
class WideResNetTest {
  private static final WideResNetConfig CONFIG = new WideResNetConfig(16, 1, 5, 1);

  private final Random random = new Random(3);

  /** Random weights under the original's keys, written out from networks/wide_resnet.py. */
  private WeightStore weights() {
    List<HostTensor> tensors = new ArrayList<>();
    conv(tensors, "conv1", 1, 16, 3);
    int in = 16;
    for (int stage = 1; stage <= 3; stage++) {
      int width = 16 << (stage - 1);
      for (int i = 0; i < 2; i++) {
        String block = "layer" + stage + "." + i + ".";
        norm(tensors, block + "bn1", in);
        conv(tensors, block + "conv1", in, width, 3);
        norm(tensors, block + "bn2", width);
        conv(tensors, block + "conv2", width, width, 3);
        if (in != width) {
          conv(tensors, block + "shortcut.0", in, width, 1);
        }
        in = width;
      }
    }
    norm(tensors, "bn1", 64);
    tensors.add(random("linear.weight", 5, 64));
    tensors.add(random("linear.bias", 5));
    return MapWeightStore.of("wrn.t7", tensors);
  }

  private void conv(List<HostTensor> tensors, String name, int in, int out, int kernel) {
    tensors.add(random(name + ".weight", out, in, kernel, kernel));
    tensors.add(random(name + ".bias", out));
  }

  private void norm(List<HostTensor> tensors, String name, int channels) {
    for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
      tensors.add(random(name + "." + part, channels));
    }
    tensors.add(
        new HostTensor(
            name + ".num_batches_tracked", DType.I64, Shape.of(), ByteBuffer.allocate(8)));
  }

  private HostTensor random(String name, int... shape) {
    float[] values = new float[(int) Shape.of(shape).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = name.endsWith("running_var") ? random.nextFloat() : random.nextFloat() - 0.5f;
    }
    return HostTensor.of(name, Shape.of(shape), values);
  }

  @Test
  void theConfigurationIsDetectedAndTheCountersIgnored() {
    WeightStore store = weights();
    assertTrue(WideResNetConfig.matches(store));
    assertEquals(CONFIG, WideResNetConfig.detect(store));
    assertEquals(5, WideResNet.load(store, CONFIG).classes());
  }

  @Test
  void misfitsAreNamed() {
    assertMisfit(
        Collections.singletonMap("layer2.0.shortcut.0.bias", null),
        "no tensor 'layer2.0.shortcut.0.bias' [32]");
    assertMisfit(
        Map.of("bn1.running_var", RecipeCases.zeros("bn1.running_var", 32)),
        "'bn1.running_var' has shape [32] but the configured network needs [64]");
    assertMisfit(
        Map.of("layer3.2.bn1.weight", RecipeCases.zeros("layer3.2.bn1.weight", 64)),
        "tensor 'layer3.2.bn1.weight' [64] has no place");
  }

  private void assertMisfit(Map<String, HostTensor> changes, String expected) {
    WeightStore store = RecipeCases.changed(weights(), changes);
    String message =
        assertThrows(InputException.class, () -> WideResNet.load(store, CONFIG)).getMessage();
    assertTrue(message.startsWith("wrn.t7: ") && message.contains(expected), message);
  }

  @Test
  void whatIsNoWideResNetIsNotTakenForOne() {
    WeightStore empty = MapWeightStore.of("x.pt", List.of());
    assertFalse(WideResNetConfig.matches(empty));
    assertThrows(InputException.class, () -> WideResNetConfig.detect(empty));
    WeightStore odd =
        RecipeCases.changed(
            weights(),
            Map.of(
                "layer1.0.conv1.weight", RecipeCases.zeros("layer1.0.conv1.weight", 24, 16, 3, 3)));
    assertThrows(InputException.class, () -> WideResNetConfig.detect(odd));
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 11, 27, 0, -2, 1_000_000_000})
  void depthsThatDoNotExistAreRefused(int depth) {
    assertThrows(InputException.class, () -> new WideResNetConfig(depth, 1, 10, 3));
  }

  @ParameterizedTest
  @CsvSource({"16, 16", "28, 28", "61, 61", "32, 64", "64, 32", "32, 28"})
  void imagesThatDoNotPoolToOnePixelAreRefused(int height, int width) {
    WideResNet network = WideResNet.load(weights(), CONFIG);
    try (Device device = new ReferenceDevice()) {
      Tensor x = device.allocate(DType.F32, Shape.of(1, height, width, 1));
      assertThrows(
          InputException.class, () -> device.record(ops -> network.logits(ops, x, DType.F32)));
    }
  }

  /** A convolution with its norm folded in is the convolution, then the norm by its definition. */
  @Test
  void foldingANormChangesNothing() {
    WeightStore store = weights();
    WeightPath block = WeightPath.root(store).at("layer2").at(0);
    Conv2d conv = Conv2d.load(block.at("conv1"), 16, 32, 3);
    Conv2d folded = BatchNorm.load(block.at("bn2"), 32, BatchNorm.EPS).foldInto(conv);
    try (Device device = new ReferenceDevice()) {
      Tensor x = device.allocate(DType.F32, Shape.of(1, 4, 4, 16));
      Tensor plain = device.allocate(DType.F32, Shape.of(1, 4, 4, 32));
      Tensor normed = device.allocate(DType.F32, plain.shape());
      device.upload(x, random("x", 256).toFloats());
      device
          .record(
              ops -> {
                ops.assign(plain, conv.apply(ops, x, Epilogue.NONE));
                ops.assign(normed, folded.apply(ops, x, Epilogue.activation(Activation.RELU)));
              })
          .run();
      float[] expected = device.downloadFloats(plain);
      for (int i = 0; i < expected.length; i++) {
        int c = i % 32;
        double y = at(store, "running_mean", c);
        y = (expected[i] - y) / Math.sqrt(at(store, "running_var", c) + 1e-5);
        expected[i] = (float) Math.max(0, y * at(store, "weight", c) + at(store, "bias", c));
      }
      assertArrayEquals(expected, device.downloadFloats(normed), 2e-5f);
    }
  }

  private static double at(WeightStore store, String part, int channel) {
    return store.get("layer2.0.bn2." + part).toFloats()[channel];
  }

  /** Layers that multiply nothing by nothing would be built, and sizes divided by it. */
  @Test
  void aTensorWithoutElementsIsNamed() {
    WeightPath path =
        WeightPath.root(MapWeightStore.of("wrn.t7", List.of(HostTensor.of("bias", Shape.of(0)))));
    InputException e = assertThrows(InputException.class, () -> path.tensor("bias", 0));
    assertTrue(e.getMessage().startsWith("wrn.t7: 'bias' has shape [0]"), e.getMessage());
  }
}
