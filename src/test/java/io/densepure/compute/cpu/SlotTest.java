package io.densepure.compute.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.densepure.compute.DType;
import io.densepure.compute.OpCase;
import io.densepure.compute.OpCase.Input;
import io.densepure.compute.OpCases;
import io.densepure.compute.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * With one thread, the same image gives the same bits in every slot of a batch, so a lane's label
 * does not depend on when and where its turn comes.
 */
class SlotTest {
  static Stream<OpCase> cases() {
    List<OpCase> cases = new ArrayList<>(OpCases.all());
    cases.addAll(OpCases.cifar10UNet(8));
    cases.addAll(OpCases.groupNorms());
    return cases.stream().filter(SlotTest::hasSlots);
  }

  /** Whether the result has more than one image, each made from one of an input's. */
  private static boolean hasSlots(OpCase c) {
    int slots = c.result(DType.F32).shape().dim(0);
    return slots > 1 && c.inputs().stream().anyMatch(input -> input.shape().dim(0) == slots);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everySlotOfABatchIsComputedAlike(OpCase c) {
    try (CpuDevice device = CpuDevice.open(1)) {
      for (DType dtype : c.dtypes()) {
        if (c.runsOn(device, dtype)) {
          assertSlotsAlike(device, c, dtype);
        }
      }
    }
  }

  private static void assertSlotsAlike(CpuDevice device, OpCase c, DType dtype) {
    Tensor result = c.result(dtype);
    int slots = result.shape().dim(0);
    Tensor out = device.allocate(result.dtype(), result.shape());
    List<Tensor> inputs = new ArrayList<>();
    for (Input input : c.inputs()) {
      inputs.add(withOneImage(input, slots).upload(device, dtype));
    }
    try (CpuProgram program = device.record(ops -> ops.assign(out, c.body().record(ops, inputs)))) {
      program.run();
    }
    float[] values = floats(device, out);
    int size = values.length / slots;
    float[] first = Arrays.copyOf(values, size);
    for (int slot = 1; slot < slots; slot++) {
      float[] other = Arrays.copyOfRange(values, slot * size, (slot + 1) * size);
      assertArrayEquals(first, other, "slot " + slot + " in " + dtype);
    }
  }

  /** The same with the first image in every slot; what all slots share remains. */
  private static Input withOneImage(Input input, int slots) {
    if (input.shape().dim(0) != slots) {
      return input;
    }
    int size = Math.toIntExact(input.shape().elements()) / slots;
    float[] floats = input.floats() == null ? null : input.floats().clone();
    int[] ints = input.ints() == null ? null : input.ints().clone();
    for (int slot = 1; slot < slots; slot++) {
      if (floats != null) {
        System.arraycopy(floats, 0, floats, slot * size, size);
      } else {
        System.arraycopy(ints, 0, ints, slot * size, size);
      }
    }
    return new Input(input.dtype(), input.shape(), floats, ints);
  }

  private static float[] floats(CpuDevice device, Tensor t) {
    if (t.dtype() != DType.I32) {
      return device.downloadFloats(t);
    }
    int[] values = device.downloadInts(t);
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values[i];
    }
    return floats;
  }
}
