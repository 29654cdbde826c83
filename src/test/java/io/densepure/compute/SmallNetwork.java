package io.densepure.compute;

import java.util.Random;

/** A network of a few layers with something of everything, to see programs as a whole. */
final class SmallNetwork {
  static final int SIZE = 8;
  static final int IMAGE = SIZE * SIZE * 3;
  static final int CLASSES = 5;
  private static final int CHANNELS = 32;

  private final Random random = new Random(42);
  private final DType dtype;
  private final HostTensor conv1 = weight(CHANNELS, 3, 3, 3);
  private final HostTensor conv2 = weight(CHANNELS, CHANNELS, 3, 3);
  private final HostTensor qkv = weight(3 * CHANNELS, CHANNELS);
  private final HostTensor head = weight(CLASSES, CHANNELS);
  private final HostTensor gamma = weight(CHANNELS);
  private final HostTensor beta = weight(CHANNELS);

  SmallNetwork() {
    this(DType.F32);
  }

  SmallNetwork(DType dtype) {
    this.dtype = dtype;
  }

  private HostTensor weight(int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    double scale = dims.length == 1 ? 1 : Math.sqrt((double) dims[0] / values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return HostTensor.of("weight", shape, values);
  }

  static float[] images(int n) {
    Random random = new Random(7);
    float[] values = new float[n * IMAGE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private Tensor logits(Ops ops, Tensor images) {
    int n = images.shape().dim(0);
    Tensor x = ops.cast(images, dtype);
    x = ops.conv2d(x, conv1, beta, 1, 1, Epilogue.NONE);
    Tensor h = ops.groupNorm(x, gamma, beta, 8, 1e-5f, null, Activation.SILU);
    x = ops.conv2d(h, conv2, beta, 1, 1, Epilogue.residual(x));
    x = ops.avgPool2d(x, 2, 2);
    Tensor tokens = ops.reshape(x, Shape.of(n, SIZE * SIZE / 4, CHANNELS));
    Tensor joint = ops.linear(tokens, qkv, null, Epilogue.NONE);
    tokens = ops.add(tokens, ops.attention(joint, 4, QkvLayout.QKV_FIRST));
    x = ops.reshape(tokens, x.shape());
    x = ops.channelAffine(x, gamma, beta, Activation.RELU);
    x = ops.avgPool2d(x, SIZE / 2, 1);
    x = ops.reshape(x, Shape.of(n, CHANNELS));
    return ops.linear(x, head, null, Epilogue.NONE.as(DType.F32));
  }

  /** The network at one batch size on one device. */
  final class Bound implements AutoCloseable {
    private final Device device;
    private final Tensor images;
    private final Tensor logits;
    private final Program program;

    private Bound(Device device, int batch) {
      this.device = device;
      images = device.allocate(DType.F32, Shape.of(batch, SIZE, SIZE, 3));
      logits = device.allocate(DType.F32, Shape.of(batch, CLASSES));
      program = device.record(ops -> ops.assign(logits, logits(ops, images)));
    }

    float[] run(float[] pixels) {
      device.upload(images, pixels);
      program.run();
      return device.downloadFloats(logits);
    }

    @Override
    public void close() {
      program.close();
      device.free(images);
      device.free(logits);
    }
  }

  Bound bind(Device device, int batch) {
    return new Bound(device, batch);
  }

  float[] onFresh(Device device, int batch, float[] pixels) {
    try (Bound bound = bind(device, batch)) {
      return bound.run(pixels);
    }
  }
}
