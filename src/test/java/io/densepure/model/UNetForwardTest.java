package io.densepure.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Probes;
import io.densepure.compute.Program;
import io.densepure.compute.ReferenceDevice;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightStore;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** How the UNet behaves; that its numbers are the original's, the golden cases show. */
class UNetForwardTest {
  private static final int SIZE = 8;
  private static final UNetConfig CONFIG = RecipeCases.ONE_HEAD;
  private static final WeightStore WEIGHTS = RecipeCases.weights("improved_unet/imp_one_head");
  private static final UNet UNET = UNet.load(WEIGHTS, CONFIG);

  private static float[] run(UNet unet, int batch, float[] times, int[] labels, DType dtype) {
    try (Device device = new ReferenceDevice()) {
      Tensor x = device.allocate(DType.F32, Shape.of(batch, SIZE, SIZE, 3));
      Tensor t = device.allocate(DType.F32, Shape.of(times.length));
      Tensor y = device.allocate(DType.F32, Shape.of(batch, SIZE, SIZE, 6));
      Tensor l = labels == null ? null : device.allocate(DType.I32, Shape.of(batch));
      Program p = device.record(ops -> ops.assign(y, unet.forward(ops, x, t, l, dtype)));
      device.upload(x, images(batch));
      device.upload(t, times);
      if (labels != null) {
        device.upload(l, labels);
      }
      p.run();
      return device.downloadFloats(y);
    }
  }

  private static float[] images(int batch) {
    float[] x = new float[batch * SIZE * SIZE * 3];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(0.7 * i);
    }
    return x;
  }

  @Test
  void aTimeSharedByTheBatchIsTheSameTimeForEach() {
    float[] each = run(UNET, 2, new float[] {321.5f, 321.5f}, null, DType.F32);
    assertArrayEquals(each, run(UNET, 2, new float[] {321.5f}, null, DType.F32));
    float[] other = run(UNET, 2, new float[] {321.5f, 20f}, null, DType.F32);
    int half = each.length / 2;
    assertArrayEquals(Arrays.copyOf(each, half), Arrays.copyOf(other, half));
    assertTrue(maxDifference(each, other) > 0.01, "time must matter");
  }

  @Test
  void lowPrecisionStaysClose() {
    float[] exact = run(UNET, 1, new float[] {500}, null, DType.F32);
    double bf16 = maxDifference(exact, run(UNET, 1, new float[] {500}, null, DType.BF16));
    double fp16 = maxDifference(exact, run(UNET, 1, new float[] {500}, null, DType.F16));
    assertTrue(bf16 < 0.06 && bf16 > 1e-4, "bf16 off by " + bf16);
    assertTrue(fp16 < 0.01 && fp16 > 1e-5, "fp16 off by " + fp16);
  }

  /** A label whose embedding is zero changes nothing, another does, each for its own image. */
  @Test
  void labelsAreAddedToTheTime() {
    float[] table = new float[2 * 128];
    Arrays.fill(table, 128, 256, 0.3f);
    HostTensor embedding = HostTensor.of("label_emb.weight", Shape.of(2, 128), table);
    WeightStore store = RecipeCases.changed(WEIGHTS, Map.of("label_emb.weight", embedding));
    UNet conditional = UNet.load(store, UNetDetector.detect(store, CONFIG.attention()));
    for (float[] times : new float[][] {{77}, {77, 77}}) {
      float[] plain = run(UNET, 2, times, null, DType.F32);
      assertArrayEquals(plain, run(conditional, 2, times, new int[] {0, 0}, DType.F32), 1e-6f);
      float[] second = run(conditional, 2, times, new int[] {0, 1}, DType.F32);
      int half = plain.length / 2;
      assertArrayEquals(Arrays.copyOf(plain, half), Arrays.copyOf(second, half), 1e-6f);
      assertTrue(maxDifference(plain, second) > 0.01, "the label must matter");
    }
  }

  @Test
  void labelsAreForClassConditionalNetworksOnly() {
    assertThrows(
        IllegalArgumentException.class,
        () -> run(UNET, 1, new float[] {1}, new int[] {0}, DType.F32));
  }

  @Test
  void imagesThatCannotBeHalvedAreRefused() {
    try (Device device = new ReferenceDevice()) {
      Tensor x = device.allocate(DType.F32, Shape.of(1, 7, SIZE, 3));
      Tensor t = device.allocate(DType.F32, Shape.of(1));
      assertThrows(
          InputException.class,
          () -> device.record(ops -> UNET.forward(ops, x, t, null, DType.F32)));
    }
  }

  @Test
  void everyBlockIsShownUnderItsCheckpointPath() {
    Set<String> names = new TreeSet<>();
    try (Device device = new ReferenceDevice();
        Probes probes =
            new Probes(
                device,
                name -> {
                  names.add(name);
                  return false;
                })) {
      Tensor x = device.allocate(DType.F32, Shape.of(1, SIZE, SIZE, 3));
      Tensor t = device.allocate(DType.F32, Shape.of(1));
      probes.record(ops -> UNET.forward(ops, x, t, null, DType.F32));
    }
    for (String key : WEIGHTS.keys()) {
      String block = key.replaceFirst("^(.*_blocks\\.\\d+|middle_block|time_embed)\\..*", "$1");
      assertTrue(block.startsWith("out.") || names.contains(block), key);
    }
    assertTrue(
        names.containsAll(
            Set.of(
                "time_embed",
                "middle_block.0",
                "middle_block.1",
                "middle_block.2",
                "input_blocks.1.0.in_layers.0",
                "output_blocks.0.0.emb_layers")),
        names.toString());
  }

  private static double maxDifference(float[] a, float[] b) {
    double max = 0;
    for (int i = 0; i < a.length; i++) {
      max = Math.max(max, Math.abs(a[i] - b[i]));
    }
    return max;
  }
}
