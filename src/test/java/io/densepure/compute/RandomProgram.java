package io.densepure.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Programs of random operations on a few persistent tensors, run on a device and on the reference:
 * any wrong decision about memory (a result over something still needed, an assignment too early)
 * changes numbers by much more than rounding.
 */
final class RandomProgram {
  private static final Shape NARROW = Shape.of(2, 3, 4, 8);
  private static final Shape WIDE = Shape.of(2, 3, 4, 16);
  private static final Shape TOKENS = Shape.of(2, 12, 8);
  private static final int RUNS = 2;

  private final Random random;
  private final Ops ops;
  private final List<Tensor> persistent;
  private final List<Tensor> values = new ArrayList<>();

  private RandomProgram(Random random, Ops ops, List<Tensor> persistent) {
    this.random = random;
    this.ops = ops;
    this.persistent = persistent;
    values.addAll(persistent);
  }

  static void check(Device device, int seed) {
    List<float[]> expected = run(new ReferenceDevice(), seed);
    List<float[]> actual = run(device, seed);
    for (int i = 0; i < expected.size(); i++) {
      for (int j = 0; j < expected.get(i).length; j++) {
        assertEquals(expected.get(i)[j], actual.get(i)[j], 1e-3f, "seed " + seed + ", tensor " + i);
      }
    }
  }

  private static List<float[]> run(Device device, int seed) {
    Random data = new Random(~seed);
    List<Tensor> persistent = new ArrayList<>();
    for (Shape shape : List.of(NARROW, NARROW, NARROW, WIDE, WIDE, TOKENS)) {
      float[] values = new float[(int) shape.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) data.nextGaussian();
      }
      Tensor t = device.allocate(DType.F32, shape);
      device.upload(t, values);
      persistent.add(t);
    }
    Random random = new Random(seed);
    int length = 5 + random.nextInt(40);
    try (Program program =
        device.record(
            ops -> {
              RandomProgram body = new RandomProgram(random, ops, persistent);
              for (int i = 0; i < length; i++) {
                body.step();
              }
            })) {
      for (int i = 0; i < RUNS; i++) {
        program.run();
      }
      return persistent.stream().map(device::downloadFloats).toList();
    } finally {
      device.synchronize();
      persistent.forEach(device::free);
    }
  }

  private void step() {
    Tensor x = pick(values);
    switch (random.nextInt(9)) {
      case 0 -> values.add(ops.activate(x, Activation.RELU));
      case 1 -> values.add(ops.combine(0.5f, x, 0.25f, pickLike(x, values), 0.1f));
      case 2 -> values.add(ops.combine(-0.5f, ops.add(x, pickLike(x, values)), 0, null, 0));
      case 3 -> values.add(convolve(x));
      case 4 -> values.add(changeWidth(x));
      case 5 -> values.add(x.shape().equals(TOKENS) ? ops.reshape(x, NARROW) : affine(x));
      default -> ops.assign(pickLike(x, persistent), x);
    }
  }

  private static <T> T any(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** Mostly a recent value, so that chains become long and old values die. */
  private Tensor pick(List<Tensor> from) {
    int recent = Math.min(from.size(), 5);
    return random.nextInt(4) == 0
        ? any(random, from)
        : any(random, from.subList(from.size() - recent, from.size()));
  }

  private Tensor pickLike(Tensor x, List<Tensor> from) {
    return pick(from.stream().filter(t -> t.shape().equals(x.shape())).toList());
  }

  private HostTensor weights(int... dims) {
    Shape shape = Shape.of(dims);
    float[] w = new float[(int) shape.elements()];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (random.nextGaussian() * 0.7 / Math.sqrt((double) w.length / dims[0]));
    }
    return HostTensor.of("random", shape, w);
  }

  /** With a residual, which may be any live or dying value, or the input itself. */
  private Tensor convolve(Tensor x) {
    int c = x.shape().dim(-1);
    Epilogue residual = Epilogue.residual(pickLike(x, values));
    return x.shape().rank() == 4
        ? ops.conv2d(x, weights(c, c, 3, 3), null, 1, 1, residual)
        : ops.linear(x, weights(c, c), null, residual);
  }

  private Tensor changeWidth(Tensor x) {
    if (x.shape().equals(NARROW)) {
      return random.nextBoolean()
          ? ops.reshape(x, TOKENS)
          : ops.concatChannels(x, pickLike(x, values));
    }
    int c = x.shape().dim(-1);
    return x.shape().equals(WIDE)
        ? ops.conv2d(x, weights(8, c, 1, 1), null, 1, 0, Epilogue.activation(Activation.RELU))
        : ops.linear(x, weights(c, c), null, Epilogue.NONE);
  }

  private Tensor affine(Tensor x) {
    int c = x.shape().dim(-1);
    return ops.channelAffine(x, weights(c), weights(c), Activation.NONE);
  }
}
