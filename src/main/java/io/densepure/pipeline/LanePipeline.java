package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.certify.Lane;
import io.densepure.certify.LaneClassifier;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.config.ClassifierConfig;
import io.densepure.data.Dataset;
import io.densepure.diffusion.ReverseMode;
import io.densepure.model.InputNormalization;
import java.util.Arrays;
import java.util.List;

/**
 * The whole way of a lane on one device: image, plus noise, denoised by the reverse process (or
 * not), normalised, classified, as a label. The batch shape is fixed and a batch that is not full
 * is padded, so a lane's result does not depend on its neighbours. Pixels leave the device only
 * when somebody asks for pictures.
 */
public final class LanePipeline implements LaneClassifier {
  /** Enough lanes to fill the CPU's caches and threads; more only takes memory. */
  private static final int USUAL_BATCH = 32;

  private final Device device;
  private final int batch;
  private final ImageLoader images;
  private final Setup.LoadedClassifier classifier;
  private final Denoiser denoiser;
  private final Tensor labels; // [N]
  private final Program classify;

  /**
   * Records the programs for batches of {@code batch} lanes.
   *
   * @param denoising null for the bare classifier under smoothing
   * @param dtype what the networks store their activations as
   * @throws InputException if networks and images do not fit
   */
  private LanePipeline(
      Device device,
      Dataset data,
      SmoothingNoise noise,
      Denoiser.Method denoising,
      Setup.LoadedClassifier classifier,
      int batch,
      DType dtype) {
    Backends.requireDtype(device, dtype);
    this.device = device;
    this.batch = batch;
    this.images = new ImageLoader(data);
    this.classifier = classifier;
    denoiser = new Denoiser(device, noise, denoising, ImageLoader.shape(data, batch), dtype);
    labels = device.allocate(DType.I32, Shape.of(batch));
    classify = device.record(ops -> recordClassify(ops, dtype));
  }

  /**
   * Loads the networks that a configuration names and records the programs.
   *
   * @param classifier its name in the configuration, or null for the first
   * @param mode how to denoise, or null for not at all
   * @param batch lanes at once, or 0 to choose
   * @param lanes how many there will be in all: a batch need not be larger
   */
  static LanePipeline of(
      Device device,
      Setup setup,
      Dataset data,
      SmoothingNoise noise,
      String classifier,
      ReverseMode mode,
      int batch,
      long lanes,
      DType dtype) {
    Denoiser.Method denoising =
        mode == null
            ? null
            : new Denoiser.Method(setup.diffusionModel(), setup.reversePlan(noise.sigma(), mode));
    return new LanePipeline(
        device,
        data,
        noise,
        denoising,
        setup.classifier(setup.config().classifier(classifier), data),
        (int) Math.min(batch > 0 ? batch : USUAL_BATCH, lanes),
        dtype);
  }

  private void recordClassify(Ops ops, DType dtype) {
    Tensor input = normalize(ops, denoiser.recordResult(ops), classifier.config());
    ops.assign(labels, ops.argmax(classifier.network().logits(ops, input, dtype)));
  }

  private static Tensor normalize(Ops ops, Tensor x, ClassifierConfig config) {
    return config.mean().isEmpty()
        ? x
        : new InputNormalization(config.mean(), config.std()).apply(ops, x);
  }

  @Override
  public int batchSize() {
    return batch;
  }

  @Override
  public int classes() {
    return classifier.network().classes();
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
    classify.run();
    return Arrays.copyOf(device.downloadInts(labels), lanes.size());
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
    classify.close();
    denoiser.close();
    device.free(labels);
  }
}
