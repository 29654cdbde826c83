package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.weights.WeightPath;

/**
 * {@code nn.BatchNorm2d} at inference: x·scale + shift per channel, with scale = γ/√(var + ε) and
 * shift = β − mean·scale, made in float64.
 *
 * @param scale {@code [C]}
 * @param shift {@code [C]}
 */
record BatchNorm(HostTensor scale, HostTensor shift) {
  /** PyTorch's default. */
  static final double EPS = 1e-5;

  static BatchNorm load(WeightPath at, int channels, double eps) {
    float[] gamma = at.tensor("weight", channels).toFloats();
    float[] beta = at.tensor("bias", channels).toFloats();
    float[] mean = at.tensor("running_mean", channels).toFloats();
    float[] var = at.tensor("running_var", channels).toFloats();
    float[] scale = new float[channels];
    float[] shift = new float[channels];
    for (int c = 0; c < channels; c++) {
      double s = gamma[c] / Math.sqrt(var[c] + eps);
      scale[c] = (float) s;
      shift[c] = (float) (beta[c] - mean[c] * s);
    }
    Shape shape = Shape.of(channels);
    return new BatchNorm(
        HostTensor.of(at.path() + ".scale", shape, scale),
        HostTensor.of(at.path() + ".shift", shape, shift));
  }

  /** Whether a checkpoint key is a batch norm's counter of training steps, which nobody needs. */
  static boolean isCounter(String key) {
    return key.endsWith("num_batches_tracked");
  }

  /** {@code [N, H, W, C]} to the same shape. */
  Tensor apply(Ops ops, Tensor x, Activation activation) {
    return ops.channelAffine(x, scale, shift, activation);
  }

  /** The convolution followed by this norm, as one convolution. */
  Conv2d foldInto(Conv2d conv) {
    float[] s = scale.toFloats();
    float[] weight = conv.weight().toFloats(); // [O, I, kh, kw]
    float[] bias = conv.bias().toFloats();
    float[] t = shift.toFloats();
    int perOutput = weight.length / s.length;
    for (int i = 0; i < weight.length; i++) {
      weight[i] *= s[i / perOutput];
    }
    for (int o = 0; o < s.length; o++) {
      bias[o] = (float) ((double) bias[o] * s[o] + t[o]);
    }
    return new Conv2d(
        HostTensor.of(conv.weight().name() + " folded", conv.weight().shape(), weight),
        HostTensor.of(conv.bias().name() + " folded", conv.bias().shape(), bias),
        conv.stride());
  }
}
