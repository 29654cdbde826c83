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
import io.densepure.diffusion.ReversePlan;
import io.densepure.diffusion.ReverseProcess;
import io.densepure.model.DiffusionModel;
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
  private final SmoothingNoise noise;
  private final int batch;
  private final ImageLoader images;
  private final Setup.LoadedClassifier classifier;
  private final ReverseProcess reverse; // null: the noisy image is classified as it is
  private final Tensor image; // [N, H, W, C] in [0, 1]
  private final Tensor noiseKeys; // [N, 5]
  private final Tensor noisy; // [N, H, W, C], x + sigma·noise
  private final Tensor denoised; // [N, H, W, C] in [0, 1]; noisy itself without a reverse process
  private final Tensor labels; // [N]
  private final Program addNoise;
  private final Program classify;

  /** How to denoise: with which network, and by which steps. */
  public record Denoising(DiffusionModel model, ReversePlan plan) {}

  /**
   * Records the programs for batches of {@code batch} lanes.
   *
   * @param denoising null for the bare classifier under smoothing
   * @param dtype what the networks store their activations as
   * @throws InputException if networks and images do not fit
   */
  public LanePipeline(
      Device device,
      Dataset data,
      SmoothingNoise noise,
      Denoising denoising,
      Setup.LoadedClassifier classifier,
      int batch,
      DType dtype) {
    Backends.requireDtype(device, dtype);
    this.device = device;
    this.noise = noise;
    this.batch = batch;
    this.images = new ImageLoader(data);
    this.classifier = classifier;
    Shape shape = Shape.of(batch, data.height(), data.width(), data.channels());
    image = device.allocate(DType.F32, shape);
    noiseKeys = device.allocate(DType.I32, Shape.of(batch, Ops.NOISE_KEY_WORDS));
    noisy = device.allocate(DType.F32, shape);
    labels = device.allocate(DType.I32, Shape.of(batch));
    if (denoising == null) {
      reverse = null;
      denoised = noisy;
    } else {
      checkChannels(denoising.model(), data);
      reverse =
          new ReverseProcess(
              device,
              denoising.model(),
              denoising.plan(),
              batch,
              data.height(),
              data.width(),
              dtype);
      denoised = device.allocate(DType.F32, shape);
    }
    addNoise = device.record(this::recordNoise);
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
    Denoising denoising =
        mode == null
            ? null
            : new Denoising(setup.diffusionModel(), setup.reversePlan(noise.sigma(), mode));
    return new LanePipeline(
        device,
        data,
        noise,
        denoising,
        setup.classifier(setup.config().classifier(classifier), data),
        (int) Math.min(batch > 0 ? batch : USUAL_BATCH, lanes),
        dtype);
  }

  private static void checkChannels(DiffusionModel model, Dataset data) {
    if (model.inChannels() != data.channels()) {
      throw InputException.of(
          "the diffusion model denoises images of %d channels, but those of %s have %d",
          model.inChannels(), data.name(), data.channels());
    }
    if (model.classes() > 0) {
      throw InputException.of(
          "a class-conditional diffusion model cannot denoise for certification");
    }
  }

  private void recordNoise(Ops ops) {
    Shape s = image.shape();
    Tensor epsilon = ops.gaussianNoise(noiseKeys, s.dim(1), s.dim(2), s.dim(3));
    Tensor x = ops.combine(1f, image, (float) noise.sigma(), epsilon, 0f);
    ops.assign(noisy, x);
    if (reverse != null) {
      // DensePure_Certify.forward: (x - 0.5)·2; image_editing_sample: scale·that.
      float scale = (float) reverse.plan().start().scale();
      Tensor centred = ops.combine(2f, x, 0f, null, -1f);
      ops.assign(reverse.state(), ops.combine(scale, centred, 0f, null, 0f));
    }
  }

  private void recordClassify(Ops ops, DType dtype) {
    Tensor x = noisy;
    if (reverse != null) {
      x = ops.combine(0.5f, reverse.state(), 0f, null, 0.5f);
      ops.assign(denoised, x);
    }
    Tensor input = normalize(ops, x, classifier.config());
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
    return reverse == null ? 0 : reverse.plan().steps().size();
  }

  @Override
  public int[] classify(List<Lane> lanes) {
    if (lanes.isEmpty() || lanes.size() > batch) {
      throw new IllegalArgumentException(lanes.size() + " lanes for a batch of " + batch);
    }
    device.upload(image, images.batch(lanes, batch));
    device.upload(noiseKeys, noise.smoothingKeys(lanes, batch));
    addNoise.run();
    if (reverse != null) {
      reverse.run(noise.reverseKeys(lanes, batch));
    }
    classify.run();
    return Arrays.copyOf(device.downloadInts(labels), lanes.size());
  }

  /** The noisy image of {@code slot} of the last batch, {@code [C, H, W]}, mostly in [0, 1]. */
  public float[] noisyImage(int slot) {
    return picture(noisy, slot);
  }

  /** The denoised image of {@code slot} of the last batch, {@code [C, H, W]}, mostly in [0, 1]. */
  public float[] denoisedImage(int slot) {
    return picture(denoised, slot);
  }

  private float[] picture(Tensor t, int slot) {
    Shape s = t.shape();
    int plane = s.dim(1) * s.dim(2);
    return ImageLoader.channelsFirst(
        device.downloadFloats(t), slot * plane * s.dim(3), s.dim(3), plane);
  }

  /** Frees programs and tensors; the device stays open. */
  @Override
  public void close() {
    addNoise.close();
    classify.close();
    if (reverse != null) {
      reverse.close();
      device.free(denoised);
    }
    for (Tensor t : List.of(image, noiseKeys, noisy, labels)) {
      device.free(t);
    }
  }
}
