package io.densepure.pipeline;

import io.densepure.compute.DType;
import io.densepure.compute.Device;

/** What puts labels to the images of a run: a network on the device, or a caller's code. */
interface Labeller {
  /** Number of classes; labels are in [0, classes), or {@code VoteBoard.NOT_FINITE}. */
  int classes();

  /**
   * Records what labels the images that {@code denoising} makes.
   *
   * @param batch images at once
   * @param dtype what networks store their activations as
   */
  OnDevice open(Device device, DenoisingPrograms denoising, int batch, DType dtype);

  /** The labeller of one device; its programs and tensors. */
  interface OnDevice extends AutoCloseable {
    /** Labels of the first {@code count} images of the batch that has just been denoised. */
    int[] labels(int count);

    @Override
    void close();
  }
}
