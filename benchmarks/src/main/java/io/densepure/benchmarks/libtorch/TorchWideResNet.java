package io.densepure.benchmarks.libtorch;

import io.densepure.benchmarks.RandomWeights;
import io.densepure.compute.DType;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Shape;
import io.densepure.model.WideResNetConfig;

/**
 * DensePure's Wide-ResNet (networks/wide_resnet.py) in TorchScript, for 32×32 images. As libtorch's
 * own freezing does, the second norm of a block is folded into the convolution before it, and as
 * PyTorch's compiler does, ReLU and residual are applied inside convolutions.
 */
public final class TorchWideResNet {
  private static final int STEM_CHANNELS = 16;
  private static final int IMAGE_SIZE = 32;
  private static final int POOL = 8;
  private static final double EPS = 1e-5;

  private final WideResNetConfig config;
  private final RandomWeights weights;
  private final TorchScript script;
  private final int batch;
  private int size = IMAGE_SIZE;

  private TorchWideResNet(WideResNetConfig config, RandomWeights weights, DType dtype, int batch) {
    this.config = config;
    this.weights = weights;
    this.script = new TorchScript(dtype, "x");
    this.batch = batch;
  }

  /**
   * The module {@code forward(x [N, C, 32, 32] F32)}, which returns {@code [N, numClasses]} F32.
   */
  public static TorchScript script(
      WideResNetConfig config, RandomWeights weights, DType dtype, int batch) {
    TorchWideResNet net = new TorchWideResNet(config, weights, dtype, batch);
    net.forward();
    return net.script;
  }

  private void forward() {
    String x = script.input("x");
    String h = script.conv2d(x, conv("conv1", config.inChannels(), STEM_CHANNELS, 3, 1));
    int channels = STEM_CHANNELS;
    for (int stage = 1; stage <= 3; stage++) {
      int width = STEM_CHANNELS * config.widenFactor() << (stage - 1);
      for (int i = 0; i < config.blocksPerStage(); i++) {
        h = block("layer" + stage + "." + i, h, channels, width, stage > 1 && i == 0 ? 2 : 1);
        channels = width;
      }
    }
    h = normRelu("bn1", h, channels);
    h = script.let("torch.to(torch.avg_pool2d(%s, [%d, %d]), 6)", h, POOL, POOL);
    h = script.let("torch.reshape(%s, [%d, %d])", h, batch, channels);
    HostTensor weight = weights.tensor("linear.weight", config.numClasses(), channels);
    script.result(script.linear(h, weight, weights.tensor("linear.bias", config.numClasses())));
  }

  private String block(String key, String x, int in, int out, int stride) {
    String h = normRelu(key + ".bn1", x, in);
    h = script.conv2dRelu(h, folded(conv(key + ".conv1", in, out, 3, 1), key + ".bn2", out));
    String residual =
        stride == 1 && in == out ? x : shortcut(key + ".shortcut.0", x, in, out, stride);
    h = script.conv2dOnto(residual, h, conv(key + ".conv2", out, out, 3, stride));
    size /= stride;
    return h;
  }

  /**
   * The 1×1 convolution of the block's input, as a matrix product over its pixels: libtorch 2.7.1's
   * float32 convolution of channels-last images gets the last channels of 160 → 320 wrong.
   */
  private String shortcut(String key, String x, int in, int out, int stride) {
    String pixels = stride == 1 ? x : script.everyOther(x);
    HostTensor weight = weights.tensor(key + ".weight", out, in, 1, 1);
    long count = (long) batch * size * size / (stride * stride);
    return script.pixelwiseLinear(pixels, weight, weights.tensor(key + ".bias", out), count);
  }

  private Conv conv(String key, int in, int out, int kernel, int stride) {
    return new Conv(
        weights.tensor(key + ".weight", out, in, kernel, kernel),
        weights.tensor(key + ".bias", out),
        stride,
        Shape.of(batch, in, size, size));
  }

  private String normRelu(String key, String x, int channels) {
    String norm =
        script.let(
            "torch.batch_norm(%s, %s, %s, %s, %s, False, 0., %s, False)",
            x,
            script.weight(weights.tensor(key + ".weight", channels)),
            script.weight(weights.tensor(key + ".bias", channels)),
            script.weight(weights.tensor(key + ".running_mean", channels)),
            script.weight(weights.tensor(key + ".running_var", channels)),
            "0.00001");
    return script.let("torch.relu_(%s)", norm);
  }

  /** The convolution with the norm that follows it. */
  private Conv folded(Conv conv, String norm, int channels) {
    float[] gamma = weights.tensor(norm + ".weight", channels).toFloats();
    float[] beta = weights.tensor(norm + ".bias", channels).toFloats();
    float[] mean = weights.tensor(norm + ".running_mean", channels).toFloats();
    float[] var = weights.tensor(norm + ".running_var", channels).toFloats();
    float[] weight = conv.weight().toFloats();
    float[] bias = conv.bias().toFloats();
    int perOutput = weight.length / channels;
    for (int c = 0; c < channels; c++) {
      double scale = gamma[c] / Math.sqrt(var[c] + EPS);
      for (int i = c * perOutput; i < (c + 1) * perOutput; i++) {
        weight[i] *= (float) scale;
      }
      bias[c] = (float) ((bias[c] - mean[c]) * scale + beta[c]);
    }
    return new Conv(
        HostTensor.of(conv.weight().name(), conv.weight().shape(), weight),
        HostTensor.of(conv.bias().name(), conv.bias().shape(), bias),
        conv.stride(),
        conv.inputShape());
  }
}
