package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Programs: what they remember, share, overwrite and reuse. */
interface ProgramContract {
  Device open();

  private static Tensor floats(Device device, Shape shape, float... values) {
    Tensor t = device.allocate(DType.F32, shape);
    device.upload(t, values);
    return t;
  }

  private static void run(Device device, Consumer<Ops> body) {
    try (Program program = device.record(body)) {
      program.run();
      device.synchronize();
    }
  }

  @Test
  default void aProgramIsRecordedOnceAndRunsOnWhateverItsInputsHold() {
    try (Device device = open()) {
      Tensor x = floats(device, Shape.of(3), 1, 2, 3);
      Tensor y = device.allocate(DType.F32, Shape.of(3));
      int[] recordings = {0};
      try (Program twice =
          device.record(
              ops -> {
                recordings[0]++;
                ops.assign(y, ops.combine(2, x, 0, null, 0));
              })) {
        assertArrayEquals(new float[3], device.downloadFloats(y), "zeros until it has run");
        twice.run();
        assertArrayEquals(new float[] {2, 4, 6}, device.downloadFloats(y));
        device.upload(x, new float[] {-1, 0, 5});
        twice.run();
        twice.run();
        assertArrayEquals(new float[] {-2, 0, 10}, device.downloadFloats(y));
      }
      assertEquals(1, recordings[0]);
    }
  }

  @Test
  default void aProgramCanFeedItself() {
    try (Device device = open()) {
      Tensor x = floats(device, Shape.of(2), 1, 3);
      try (Program step = device.record(ops -> ops.assign(x, ops.combine(2, x, 1, x, 1)))) {
        IntStream.range(0, 3).forEach(i -> step.run());
      }
      assertArrayEquals(new float[] {40, 94}, device.downloadFloats(x));
    }
  }

  @Test
  default void assignmentsHappenInOrder() {
    try (Device device = open()) {
      Tensor a = floats(device, Shape.of(2), 1, 2);
      Tensor b = floats(device, Shape.of(2), 10, 20);
      Tensor before = device.allocate(DType.F32, Shape.of(2));
      Tensor after = device.allocate(DType.F32, Shape.of(2));
      run(
          device,
          ops -> {
            Tensor doubled = ops.combine(2, a, 0, null, 0);
            ops.assign(before, a);
            ops.assign(a, doubled);
            ops.assign(after, ops.combine(1, a, 0, null, 0));
            ops.assign(a, b);
            ops.assign(b, doubled); // still the doubled value, though a has moved on
          });
      assertArrayEquals(new float[] {1, 2}, device.downloadFloats(before));
      assertArrayEquals(new float[] {2, 4}, device.downloadFloats(after));
      assertArrayEquals(new float[] {10, 20}, device.downloadFloats(a));
      assertArrayEquals(new float[] {2, 4}, device.downloadFloats(b));
    }
  }

  @Test
  default void twoTensorsCanBeSwapped() {
    try (Device device = open()) {
      Tensor a = floats(device, Shape.of(2), 1, 2);
      Tensor b = floats(device, Shape.of(2), 3, 4);
      run(
          device,
          ops -> {
            Tensor newA = ops.combine(1, b, 0, null, 0);
            Tensor newB = ops.combine(1, a, 0, null, 0);
            ops.assign(a, newA);
            ops.assign(b, newB);
          });
      assertArrayEquals(new float[] {3, 4}, device.downloadFloats(a));
      assertArrayEquals(new float[] {1, 2}, device.downloadFloats(b));
    }
  }

  /** A convolution reads its input's neighbours after its first results are written. */
  @Test
  default void aConvolutionCanBeAssignedToItsOwnInput() {
    try (Device device = open()) {
      Shape shape = Shape.of(1, 4, 4, 1);
      HostTensor sum = HostTensor.of("sum", Shape.of(1, 1, 3, 3), 1, 1, 1, 1, 1, 1, 1, 1, 1);
      float[] ones = new float[16];
      Arrays.fill(ones, 1);
      Tensor x = floats(device, shape, ones);
      run(device, ops -> ops.assign(x, ops.conv2d(x, sum, null, 1, 1, Epilogue.NONE)));
      assertArrayEquals(
          new float[] {4, 6, 6, 4, 6, 9, 9, 6, 6, 9, 9, 6, 4, 6, 6, 4}, device.downloadFloats(x));
      run(device, ops -> ops.assign(x, ops.conv2d(x, sum, null, 1, 1, Epilogue.residual(x))));
      assertEquals(4 + 4 + 6 + 6 + 9, device.downloadFloats(x)[0]);
    }
  }

  @Test
  default void oneValueCanBeAssignedTwiceAndReadAfterwards() {
    try (Device device = open()) {
      Tensor x = floats(device, Shape.of(2), 1, 2);
      List<Tensor> out =
          IntStream.range(0, 3).mapToObj(i -> device.allocate(DType.F32, Shape.of(2))).toList();
      run(
          device,
          ops -> {
            Tensor v = ops.combine(1, x, 0, null, 5);
            ops.assign(out.get(0), v);
            ops.assign(out.get(1), v);
            ops.assign(out.get(2), ops.add(v, x));
          });
      assertArrayEquals(new float[] {6, 7}, device.downloadFloats(out.get(0)));
      assertArrayEquals(new float[] {6, 7}, device.downloadFloats(out.get(1)));
      assertArrayEquals(new float[] {7, 9}, device.downloadFloats(out.get(2)));
    }
  }

  @Test
  default void aReshapedTensorIsTheSameMemory() {
    try (Device device = open()) {
      Tensor x = floats(device, Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
      Tensor y = device.allocate(DType.F32, Shape.of(6));
      Tensor z = device.allocate(DType.F32, Shape.of(3, 2));
      run(
          device,
          ops -> {
            Tensor flat = ops.reshape(x, Shape.of(6));
            ops.assign(x, ops.combine(10, x, 0, null, 0));
            ops.assign(y, ops.combine(1, flat, 0, null, 0)); // sees what x holds now
            ops.assign(z, ops.reshape(ops.add(flat, flat), Shape.of(3, 2)));
          });
      assertArrayEquals(new float[] {10, 20, 30, 40, 50, 60}, device.downloadFloats(y));
      assertArrayEquals(new float[] {20, 40, 60, 80, 100, 120}, device.downloadFloats(z));
    }
  }

  @Test
  default void integersAreAssignedAsTheyAre() {
    try (Device device = open()) {
      Tensor from = device.allocate(DType.I32, Shape.of(3));
      Tensor to = device.allocate(DType.I32, Shape.of(3));
      int[] values = {Integer.MIN_VALUE, 16777217, -1};
      device.upload(from, values);
      run(device, ops -> ops.assign(to, from));
      assertArrayEquals(values, device.downloadInts(to));
    }
  }

  /** Two batch sizes of one network, run in turns: nothing of one may leak into the other. */
  @Test
  default void programsOfDifferentBatchSizeShareWeights() {
    try (Device device = open();
        Device reference = new ReferenceDevice()) {
      SmallNetwork network = new SmallNetwork();
      float[] images = SmallNetwork.images(5);
      float[] expected = network.onFresh(reference, 5, images);
      try (SmallNetwork.Bound five = network.bind(device, 5);
          SmallNetwork.Bound two = network.bind(device, 2)) {
        for (int turn = 0; turn < 3; turn++) {
          assertClose(expected, five.run(images));
          assertClose(
              Arrays.copyOf(expected, 2 * SmallNetwork.CLASSES),
              two.run(Arrays.copyOf(images, 2 * SmallNetwork.IMAGE)));
        }
      }
    }
  }

  @Test
  default void twoRunsGiveTheSameBits() {
    for (DType dtype : List.of(DType.F32, DType.BF16, DType.F16)) {
      try (Device device = open()) {
        if (!device.supports(dtype)) {
          continue;
        }
        SmallNetwork network = new SmallNetwork(dtype);
        float[] images = SmallNetwork.images(4);
        float[] first = network.onFresh(device, 4, images);
        try (SmallNetwork.Bound again = network.bind(device, 4)) {
          assertArrayEquals(first, again.run(images), dtype + " in another program");
          assertArrayEquals(first, again.run(images), dtype + " in another run");
        }
      }
    }
  }

  /** Neither the other images of a batch nor the place in it may change a result by one bit. */
  @Test
  default void aResultDoesNotDependOnItsNeighbours() {
    for (DType dtype : List.of(DType.F32, DType.BF16, DType.F16)) {
      try (Device device = open()) {
        if (!device.supports(dtype)) {
          continue;
        }
        int batch = 6;
        try (SmallNetwork.Bound network = new SmallNetwork(dtype).bind(device, batch)) {
          float[] images = SmallNetwork.images(batch);
          float[] straight = network.run(images);
          float[] rotated = network.run(rotate(images, SmallNetwork.IMAGE));
          assertArrayEquals(rotate(straight, SmallNetwork.CLASSES), rotated, dtype + " rotated");
          float[] alone = new float[images.length];
          System.arraycopy(images, 0, alone, 0, SmallNetwork.IMAGE);
          Arrays.fill(alone, SmallNetwork.IMAGE, 2 * SmallNetwork.IMAGE, Float.NaN);
          assertArrayEquals(
              Arrays.copyOf(straight, SmallNetwork.CLASSES),
              Arrays.copyOf(network.run(alone), SmallNetwork.CLASSES),
              dtype + " beside zeros and NaN");
        }
      }
    }
  }

  private static float[] rotate(float[] values, int by) {
    float[] rotated = new float[values.length];
    System.arraycopy(values, by, rotated, 0, values.length - by);
    System.arraycopy(values, 0, rotated, values.length - by, by);
    return rotated;
  }

  /** Chains whose intermediate results come and go: random programs against the reference. */
  @Test
  default void memoryIsReusedWithoutHarm() {
    try (Device device = open()) {
      for (int seed = 0; seed < 60; seed++) {
        RandomProgram.check(device, seed);
      }
    }
  }

  /** Twenty results of which two live at a time must not need twenty places. */
  @Test
  default void memoryIsReusedAtAll() {
    try (Device device = open()) {
      Tensor x = device.allocate(DType.F32, Shape.of(1, 16, 16, 16));
      HostTensor weight = HostTensor.of("w", Shape.of(16, 16, 1, 1), new float[256]);
      try (Program chain =
          device.record(
              ops -> {
                Tensor v = x;
                for (int i = 0; i < 20; i++) {
                  v = ops.conv2d(v, weight, null, 1, 0, Epilogue.NONE);
                }
                ops.assign(x, v);
              })) {
        long one = 4 * x.shape().elements();
        assertTrue(chain.arenaBytes() < 5 * one, chain.arenaBytes() + " bytes");
      }
    }
  }

  @Test
  default void openProgramsDoNotDisturbEachOther() {
    try (Device device = open()) {
      Tensor x = floats(device, Shape.of(4, 64), new float[256]);
      List<Tensor> outs = new ArrayList<>();
      List<Program> programs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Tensor out = device.allocate(DType.F32, x.shape());
        float offset = i;
        outs.add(out);
        programs.add(
            device.record(
                ops -> {
                  Tensor v = ops.combine(1, x, 0, null, offset);
                  ops.assign(out, ops.add(ops.activate(v, Activation.RELU), v));
                }));
      }
      programs.remove(1).close(); // its memory may be given to others
      outs.remove(1);
      programs.forEach(Program::run);
      float[] offsets = {0, 2, 3};
      for (int i = 0; i < 3; i++) {
        float[] expected = new float[256];
        Arrays.fill(expected, 2 * offsets[i]);
        assertArrayEquals(expected, device.downloadFloats(outs.get(i)));
      }
      programs.forEach(Program::close);
    }
  }

  @Test
  default void uploadsRoundToNearestEvenAndComeBackAsTheyAreStored() {
    try (Device device = open()) {
      Random random = new Random(8);
      float[] values = new float[1000];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(8) - 4));
      }
      values[0] = Float.NaN;
      values[1] = Float.NEGATIVE_INFINITY;
      values[2] = 1.00390625f; // a tie in bfloat16
      for (DType dtype : List.of(DType.F32, DType.BF16, DType.F16)) {
        if (device.supports(dtype)) {
          Tensor t = device.allocate(dtype, Shape.of(10, 100));
          device.upload(t, values);
          float[] expected = new float[values.length];
          for (int i = 0; i < values.length; i++) {
            expected[i] = HalfFloats.round(values[i], dtype);
          }
          assertArrayEquals(expected, device.downloadFloats(t), dtype.label());
        }
      }
      Tensor ints = device.allocate(DType.I32, Shape.of(3));
      assertArrayEquals(new int[3], device.downloadInts(ints));
      device.upload(ints, new int[] {1, -2, Integer.MAX_VALUE});
      assertArrayEquals(new int[] {1, -2, Integer.MAX_VALUE}, device.downloadInts(ints));
    }
  }

  /** A checkpoint may hold its weights in 16 bits: the same as the same numbers in float32. */
  @Test
  default void weightsMayBeStoredInAnyDtype() {
    try (Device device = open()) {
      float[] values = {0.5f, -1.25f, 3, 0.0078125f};
      Tensor x = floats(device, Shape.of(1, 2), 1, 10);
      for (DType dtype : List.of(DType.F32, DType.BF16, DType.F16, DType.F64)) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (float v : values) {
          switch (dtype) {
            case F32 -> bytes.putFloat(v);
            case F64 -> bytes.putDouble(v);
            case BF16 -> bytes.putShort(HalfFloats.floatToBf16(v));
            default -> bytes.putShort(HalfFloats.floatToFp16(v));
          }
        }
        HostTensor weight = new HostTensor("w", dtype, Shape.of(2, 2), bytes.flip());
        Tensor y = device.allocate(DType.F32, Shape.of(1, 2));
        run(device, ops -> ops.assign(y, ops.linear(x, weight, null, Epilogue.NONE)));
        assertArrayEquals(new float[] {-12, 3.078125f}, device.downloadFloats(y), dtype.label());
      }
    }
  }

  private static void assertClose(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 1e-5f * Math.max(1, Math.abs(expected[i])), "at " + i);
    }
  }
}
