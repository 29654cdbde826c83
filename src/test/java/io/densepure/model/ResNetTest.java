package io.densepure.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.ReferenceDevice;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.MapWeightStore;
import io.densepure.weights.WeightStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Detection and loading; that the numbers are the original's, the golden cases show. */
class ResNetTest {
  /** Keys and shapes, with zeros made for those asked for. */
  private record Zeros(Map<String, Shape> shapes) implements WeightStore {
    @Override
    public String source() {
      return "zeros.pth";
    }

    @Override
    public Set<String> keys() {
      return shapes.keySet();
    }

    @Override
    public HostTensor get(String key) {
      Shape shape = shapes.get(key);
      return HostTensor.of(key, shape, new float[(int) shape.elements()]);
    }

    @Override
    public Map<String, String> metadata() {
      return Map.of();
    }
  }

  private final Random random = new Random(5);
  private final List<HostTensor> tensors = new ArrayList<>();

  private void random(String name, int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * 0.2f + 0.01f;
    }
    tensors.add(HostTensor.of(name, shape, values));
  }

  private void convAndNorm(String conv, String norm, int in, int out, int kernel) {
    random(conv + ".weight", out, in, kernel, kernel);
    for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
      random(norm + "." + part, out);
    }
    random(norm + ".num_batches_tracked");
  }

  /** A CIFAR ResNet of basic blocks with the original's keys. */
  private WeightStore cifar(String prefix, int blocks) {
    convAndNorm(prefix + "conv1", prefix + "bn1", 3, 16, 3);
    int in = 16;
    for (int stage = 1; stage <= 3; stage++) {
      int width = 16 << (stage - 1);
      for (int i = 0; i < blocks; i++) {
        String block = prefix + "layer" + stage + "." + i + ".";
        convAndNorm(block + "conv1", block + "bn1", in, width, 3);
        convAndNorm(block + "conv2", block + "bn2", width, width, 3);
        if (in != width) {
          convAndNorm(block + "downsample.0", block + "downsample.1", in, width, 1);
        }
        in = width;
      }
    }
    random(prefix + "fc.weight", 5, 64);
    random(prefix + "fc.bias", 5);
    return MapWeightStore.of("resnet.pth", tensors);
  }

  private static float[] logits(WeightStore store, int height, int width) {
    ResNet network = ResNet.load(store, ResNetConfig.detect(store));
    try (Device device = new ReferenceDevice()) {
      Tensor x = device.allocate(DType.F32, Shape.of(1, height, width, 3));
      Tensor out = device.allocate(DType.F32, Shape.of(1, network.classes()));
      float[] pixels = new float[height * width * 3];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = i % 7 - 3;
      }
      device.upload(x, pixels);
      device.record(ops -> ops.assign(out, network.logits(ops, x, DType.F32))).run();
      return device.downloadFloats(out);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1.", "module.", "1.module."})
  void whatWrappersPutBeforeTheKeysMakesNoDifference(String prefix) {
    WeightStore plain = new ResNetTest().cifar("", 1);
    WeightStore wrapped = cifar(prefix, 1);
    assertEquals(
        new ResNetConfig(false, List.of(1, 1, 1), 16, 3, 16, 16, 5, 3),
        ResNetConfig.detect(wrapped));
    assertArrayEquals(logits(plain, 8, 8), logits(wrapped, 8, 8));
  }

  /** timm's resnet152 and wide_resnet50_2, by the shapes that tell. */
  @Test
  void theLargeOnesAreDetected() {
    Map<String, Shape> shapes = new HashMap<>();
    int[] blocks = {3, 8, 36, 3};
    for (int stage = 0; stage < 4; stage++) {
      for (int i = 0; i < blocks[stage]; i++) {
        shapes.put("layer" + (stage + 1) + "." + i + ".conv1.weight", Shape.of(64, 64, 1, 1));
      }
    }
    shapes.put("conv1.weight", Shape.of(64, 3, 7, 7));
    shapes.put("layer1.0.conv2.weight", Shape.of(64, 64, 3, 3));
    shapes.put("layer1.0.conv3.weight", Shape.of(256, 64, 1, 1));
    shapes.put("fc.weight", Shape.of(1000, 8));
    assertEquals(
        new ResNetConfig(true, List.of(3, 8, 36, 3), 64, 7, 64, 256, 1000, 3),
        ResNetConfig.detect(new Zeros(shapes)));

    shapes.put("layer1.0.conv1.weight", Shape.of(128, 64, 1, 1));
    assertEquals(128, ResNetConfig.detect(new Zeros(shapes)).width());
  }

  @Test
  void othersAreNoResNets() {
    assertFalse(ResNetConfig.matches(new Zeros(Map.of("fc.weight", Shape.of(2, 2)))));
    for (Map<String, Shape> wrong :
        List.of(
            Map.of("conv1.weight", Shape.of(64, 3, 7, 7)),
            Map.of(
                "conv1.weight", Shape.of(64, 3, 5, 5),
                "layer1.0.conv1.weight", Shape.of(64, 64, 3, 3),
                "layer1.0.conv2.weight", Shape.of(64, 64, 3, 3),
                "fc.weight", Shape.of(10, 64)),
            Map.of(
                "conv1.weight", Shape.of(64, 3, 7, 7),
                "layer1.0.conv1.weight", Shape.of(64, 64),
                "layer1.0.conv2.weight", Shape.of(64, 64, 3, 3),
                "fc.weight", Shape.of(10, 64)),
            Map.of(
                "conv1.weight", Shape.of(64, 3, 7, 7),
                "layer1.0.conv1.weight", Shape.of(64, 64, 3, 3),
                "layer1.0.conv2.weight", Shape.of(64, 64, 3, 3),
                "fc.weight", Shape.of(0, 64)))) {
      InputException e =
          assertThrows(InputException.class, () -> ResNetConfig.detect(new Zeros(wrong)));
      assertTrue(e.getMessage().startsWith("zeros.pth: not a ResNet"), e.getMessage());
    }
  }

  @Test
  void missingAndSurplusTensorsAreNamed() {
    WeightStore whole = cifar("", 1);
    List<HostTensor> less = new ArrayList<>(tensors);
    less.removeIf(t -> t.name().equals("layer2.0.downsample.1.running_var"));
    assertNamed(MapWeightStore.of("resnet.pth", less), "layer2.0.downsample.1.running_var");
    List<HostTensor> more = new ArrayList<>(tensors);
    more.add(HostTensor.of("layer1.0.se.weight", Shape.of(1), 1f));
    assertNamed(MapWeightStore.of("resnet.pth", more), "layer1.0.se.weight");
    assertEquals(5, ResNet.load(whole, ResNetConfig.detect(whole)).classes());
  }

  private static void assertNamed(WeightStore store, String key) {
    InputException e =
        assertThrows(InputException.class, () -> ResNet.load(store, ResNetConfig.detect(store)));
    assertTrue(e.getMessage().contains(key), e.getMessage());
  }

  @Test
  void imagesMustBeSquare() {
    WeightStore store = cifar("", 1);
    InputException e = assertThrows(InputException.class, () -> logits(store, 8, 16));
    assertTrue(e.getMessage().contains("8 x 16"), e.getMessage());
  }
}
