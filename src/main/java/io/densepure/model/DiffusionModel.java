package io.densepure.model;

import io.densepure.compute.DType;
import io.densepure.compute.Ops;
import io.densepure.compute.Tensor;

/** A network that predicts the noise in x_t, and possibly the variance of the reverse step. */
public interface DiffusionModel {
  /** Channels of the images. */
  int inChannels();

  /** {@code inChannels}, or twice that when the network also predicts the variance. */
  int outChannels();

  /** Number of class labels, or 0 if the network is not class-conditional. */
  int classes();

  /**
   * Records one forward pass.
   *
   * @param x {@code [N, H, W, C]} {@code F32}, the noisy images x_t
   * @param timesteps {@code [N]}, or {@code [1]} if all images share it (cheaper); {@code F32}, as
   *     the network was trained to receive them (after rescaling)
   * @param labels {@code [N]} {@code I32} in [0, classes), for a class-conditional network, else
   *     null
   * @param dtype what activations are stored as inside the network
   * @return {@code [N, H, W, outChannels]} {@code F32}
   */
  Tensor forward(Ops ops, Tensor x, Tensor timesteps, Tensor labels, DType dtype);
}
