package io.densepure.model;

import io.densepure.compute.Activation;
import io.densepure.compute.HostTensor;
import io.densepure.compute.Ops;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import java.util.List;

/**
 * (x − mean)/std per channel: what stands between pixels in [0, 1] and a classifier that was
 * trained on normalised ones ({@code eval_certified_densepure.py}, {@code architectures.py,
 * NormalizeLayer}).
 */
public final class InputNormalization {
  private final HostTensor scale; // [C]: 1/std
  private final HostTensor shift; // [C]: -mean/std

  /**
   * @param mean one value per channel
   * @param std as many, none of them 0
   */
  public InputNormalization(List<Double> mean, List<Double> std) {
    int channels = mean.size();
    if (std.size() != channels) {
      throw new IllegalArgumentException(channels + " means, but " + std.size() + " deviations");
    }
    float[] scales = new float[channels];
    float[] shifts = new float[channels];
    for (int c = 0; c < channels; c++) {
      scales[c] = (float) (1 / std.get(c));
      shifts[c] = (float) (-mean.get(c) / std.get(c));
    }
    scale = HostTensor.of("1/std", Shape.of(channels), scales);
    shift = HostTensor.of("-mean/std", Shape.of(channels), shifts);
  }

  /**
   * @param x {@code [N, H, W, C]} {@code F32}, pixels in [0, 1], with or without noise
   * @return of the same shape
   */
  public Tensor apply(Ops ops, Tensor x) {
    return ops.channelAffine(x, scale, shift, Activation.NONE);
  }
}
