package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.certify.BatchClassifier;
import io.densepure.certify.Lane;
import io.densepure.certify.VoteBoard;
import io.densepure.compute.Device;
import java.util.List;

/**
 * The whole way of a lane on one device: image, plus noise, denoised by the reverse process (or
 * not), resized and normalised, classified, as a label. The batch shape is fixed and a batch that
 * is not full is padded, so a lane's result does not depend on its neighbours. NaN and infinity in
 * any network's output reach the label as {@link VoteBoard#NOT_FINITE}: {@link
 * io.densepure.compute.Ops#ddpmStep} turns them into NaN, which all operations pass on, and {@link
 * io.densepure.compute.Ops#argmax} knows them. Pixels leave the device only when somebody asks for
 * pictures, or when the classifier is a caller's.
 */
public final class LanePipeline implements BatchClassifier {
  private final Device device;
  private final int batch;
  private final LaneImages images;
  private final Labeller labeller;
  private final DenoisingPrograms denoiser;
  private final Labeller.OnDevice labels;

  /**
   * Records the programs for batches of {@code batch} lanes.
   *
   * @throws InputException if networks, images and device do not fit
   */
  LanePipeline(Device device, LaneWork work, int batch) {
    Backends.requireDtype(device, work.dtype());
    this.device = device;
    this.batch = batch;
    images = work.images().get();
    labeller = work.labeller();
    denoiser =
        new DenoisingPrograms(
            device, work.noise(), work.denoising(), work.batch(batch), work.dtype());
    labels = labeller.open(device, denoiser, batch, work.dtype());
  }

  /** As {@code cuda:0}. */
  String deviceName() {
    return device.name();
  }

  @Override
  public int batchSize() {
    return batch;
  }

  @Override
  public int classes() {
    return labeller.classes();
  }

  /** Calls of the diffusion network that one lane costs. */
  public int stepsPerLane() {
    return denoiser.steps();
  }

  @Override
  public int[] classify(List<Lane> lanes) {
    if (lanes.isEmpty() || lanes.size() > batch) {
      throw new IllegalArgumentException(lanes.size() + " lanes for a batch of " + batch);
    }
    denoiser.run(images.batch(lanes, batch), lanes);
    return labels.labels(lanes.size());
  }

  /** The noisy image of {@code slot} of the last batch, {@code [C, H, W]}, mostly in [0, 1]. */
  public float[] noisyImage(int slot) {
    return denoiser.noisyImage(slot);
  }

  /** The denoised image of {@code slot} of the last batch, {@code [C, H, W]}, mostly in [0, 1]. */
  public float[] denoisedImage(int slot) {
    return denoiser.denoisedImage(slot);
  }

  /** Frees programs and tensors; the device stays open. */
  @Override
  public void close() {
    labels.close();
    denoiser.close();
  }
}
