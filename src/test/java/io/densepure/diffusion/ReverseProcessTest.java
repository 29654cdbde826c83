package io.densepure.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.InputException;
import io.densepure.Settings;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Epilogue;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Philox;
import io.densepure.compute.ReferenceDevice;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.model.DiffusionModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReverseProcessTest {
  private static final int SIZE = 4;
  private static final int PIXELS = SIZE * SIZE;
  private static final DiffusionType DDPM = DiffusionType.DDPM;

  /** Predicts ε = x/2 + (cos t/10 + sin t/5, or the label's number), and v = ε if asked to. */
  private record ToyModel(int outChannels, int classes) implements DiffusionModel {
    private static final HostTensor LABELS =
        HostTensor.of("labels", Shape.of(3, 1), 0f, 0.25f, -0.5f);

    private static final HostTensor TIME = HostTensor.of("time", Shape.of(1, 2), 0.1f, 0.2f);

    @Override
    public int inChannels() {
      return 1;
    }

    @Override
    public Tensor forward(Ops ops, Tensor x, Tensor timesteps, Tensor labels, DType dtype) {
      Tensor shift =
          labels == null
              ? ops.linear(ops.timestepEmbedding(timesteps, 2), TIME, null, Epilogue.NONE)
              : ops.embedding(labels, LABELS);
      Tensor eps = ops.addPerImage(ops.combine(0.5f, x, 0f, null, 0f), shift);
      return outChannels == 1 ? eps : ops.concatChannels(eps, eps);
    }
  }

  private static final ToyModel MODEL = new ToyModel(2, 0);

  private static ReversePlan plan(ReverseMode mode) {
    Settings flags = new Settings("test", Map.of());
    return ReversePlan.of(DiffusionSettings.fromFlags(flags, DDPM, 100), DDPM, 0.5, mode);
  }

  private static float[] images(int lanes) {
    float[] x = new float[lanes * PIXELS];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i);
    }
    return x;
  }

  private static int[] keys(int lanes) {
    int[] keys = new int[lanes * Ops.NOISE_KEY_WORDS];
    for (int lane = 0; lane < lanes; lane++) {
      Philox.laneKey(77L, lane, 5 + lane, 123, keys, lane * Ops.NOISE_KEY_WORDS);
    }
    return keys;
  }

  private static float[] run(ReversePlan plan, float[] x, int[] keys) {
    int lanes = x.length / PIXELS;
    try (Device device = new ReferenceDevice();
        ReverseProcess process =
            new ReverseProcess(device, MODEL, plan, lanes, SIZE, SIZE, DType.F32)) {
      device.upload(process.state(), x);
      process.run(keys);
      return device.downloadFloats(process.state());
    }
  }

  /** The noise of step i is stream i + 1 of the lane, whatever stream the given key names. */
  @Test
  void noiseIsPhiloxWithTheStepAsItsStream() {
    ReversePlan plan = plan(new ReverseMode.Steps(3));
    int lanes = 2;
    float[] got = run(plan, images(lanes), keys(lanes));
    try (Device device = new ReferenceDevice();
        ReverseTrace trace = new ReverseTrace(device, MODEL, plan, lanes, SIZE, SIZE, DType.F32)) {
      float[] want = trace.run(images(lanes), i -> noise(lanes, i + 1), (i, step) -> {});
      assertArrayEquals(want, got);
      float[] other = trace.run(images(lanes), i -> noise(lanes, i), (i, step) -> {});
      assertFalse(Arrays.equals(other, got), "noise must matter");
    }
  }

  private static float[] noise(int lanes, int stream) {
    int[] keys = keys(lanes);
    float[] noise = new float[lanes * PIXELS];
    for (int lane = 0; lane < lanes; lane++) {
      keys[lane * Ops.NOISE_KEY_WORDS + 4] = stream;
      Philox.lane(keys, lane, PIXELS, noise, lane * PIXELS);
    }
    return noise;
  }

  @Test
  void aLaneDoesNotDependOnItsNeighbours() {
    ReversePlan plan = plan(new ReverseMode.Steps(4));
    float[] together = run(plan, images(3), keys(3));
    for (int lane = 0; lane < 3; lane++) {
      float[] x = Arrays.copyOfRange(images(3), lane * PIXELS, (lane + 1) * PIXELS);
      int[] key = Arrays.copyOfRange(keys(3), lane * 5, lane * 5 + 5);
      assertArrayEquals(
          run(plan, x, key), Arrays.copyOfRange(together, lane * PIXELS, (lane + 1) * PIXELS));
    }
  }

  @Test
  void canBeRunAgain() {
    ReversePlan plan = plan(new ReverseMode.Steps(2));
    try (Device device = new ReferenceDevice();
        ReverseProcess process =
            new ReverseProcess(device, MODEL, plan, 1, SIZE, SIZE, DType.F32)) {
      List<float[]> results = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        device.upload(process.state(), images(1));
        process.run(keys(1));
        results.add(device.downloadFloats(process.state()));
      }
      assertArrayEquals(results.get(0), results.get(1));
    }
  }

  @Test
  void oneShotReturnsTheClampedPrediction() {
    ReversePlan plan = plan(new ReverseMode.OneShot(0));
    float[] x0 = run(plan, images(1), keys(1));
    float recip = plan.steps().get(0).coefficients().sqrtRecipAlphaBar();
    float recipM1 = plan.steps().get(0).coefficients().sqrtRecipM1AlphaBar();
    double t = plan.steps().get(0).modelTimestep();
    double shift = 0.1 * Math.cos(t) + 0.2 * Math.sin(t);
    for (int i = 0; i < PIXELS; i++) {
      float x = images(1)[i];
      double expected = recip * x - recipM1 * (x / 2 + shift);
      assertEquals(Math.max(-1, Math.min(1, expected)), x0[i], 1e-5);
    }
  }

  @Test
  void aPlanWithoutStepsLeavesTheImageAlone() {
    Settings flags = new Settings("test", Map.of());
    DiffusionSettings settings = DiffusionSettings.fromFlags(flags, DDPM, 100);
    ReversePlan plan = ReversePlan.of(settings, DDPM, 0, new ReverseMode.Full());
    assertEquals(0, plan.steps().size());
    assertArrayEquals(images(1), run(plan, images(1), keys(1)));
  }

  @Test
  void labelsReachTheModel() {
    ReversePlan plan = plan(new ReverseMode.Steps(2));
    try (Device device = new ReferenceDevice();
        ReverseProcess process =
            new ReverseProcess(device, new ToyModel(2, 3), plan, 2, SIZE, SIZE, DType.F32)) {
      float[] same = new float[2 * PIXELS]; // both lanes alike but for the label
      int[] keys = new int[2 * Ops.NOISE_KEY_WORDS];
      device.upload(process.state(), same);
      device.upload(process.labels(), new int[] {1, 2});
      process.run(keys);
      float[] out = device.downloadFloats(process.state());
      assertFalse(
          Arrays.equals(Arrays.copyOf(out, PIXELS), Arrays.copyOfRange(out, PIXELS, 2 * PIXELS)));
    }
    try (Device device = new ReferenceDevice();
        ReverseProcess process =
            new ReverseProcess(device, MODEL, plan, 2, SIZE, SIZE, DType.F32)) {
      assertNull(process.labels());
    }
  }

  @Test
  void refusesAModelWhoseOutputsDoNotFitTheVariance() {
    ReversePlan learned = plan(new ReverseMode.Steps(2));
    ReversePlan fixed =
        ReversePlan.of(
            DiffusionSettings.fromFlags(
                new Settings("test", Map.of("learn_sigma", false)), DDPM, 100),
            DDPM,
            0.5,
            new ReverseMode.Steps(2));
    try (Device device = new ReferenceDevice()) {
      assertMisfit(device, new ToyModel(1, 0), learned);
      assertMisfit(device, new ToyModel(2, 0), fixed);
      new ReverseProcess(device, new ToyModel(1, 0), fixed, 1, SIZE, SIZE, DType.F32).close();
    }
  }

  private static void assertMisfit(Device device, ToyModel model, ReversePlan plan) {
    String message =
        assertThrows(
                InputException.class,
                () -> new ReverseProcess(device, model, plan, 1, SIZE, SIZE, DType.F32))
            .getMessage();
    assertTrue(message.startsWith("learn_sigma is "), message);
  }
}
