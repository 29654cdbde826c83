package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.certify.Lane;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.diffusion.ReverseProcess;
import io.densepure.model.DiffusionModel;
import io.densepure.model.Preprocessing;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Adds each lane's noise to its image and takes it out again with the reverse process, or leaves it
 * there; on one device, for a fixed batch.
 */
final class DenoisingPrograms implements AutoCloseable {
  private final Device device;
  private final SmoothingNoise noise;
  private final ReverseProcess reverse; // null: images stay noisy
  private final Tensor image; // [N, H, W, C] in [0, 1]
  private final Tensor noiseKeys; // [N, 5]
  private final Tensor noisy; // [N, H, W, C], x + sigma·noise
  private final Tensor denoised; // [N, H, W, C] in [0, 1]; noisy itself without a reverse process
  private final Program addNoise;

  /**
   * @param method null to leave images noisy
   * @param shape of a batch of images, {@code [N, H, W, C]}
   * @param dtype what the network stores its activations as
   * @throws InputException if the network cannot denoise such images
   */
  DenoisingPrograms(
      Device device, SmoothingNoise noise, DenoisingMethod method, Shape shape, DType dtype) {
    this.device = device;
    this.noise = noise;
    if (method != null) {
      checkChannels(method.model(), shape.dim(3));
    }
    image = device.allocate(DType.F32, shape);
    noiseKeys = device.allocate(DType.I32, Shape.of(shape.dim(0), Ops.NOISE_KEY_WORDS));
    noisy = device.allocate(DType.F32, shape);
    if (method == null) {
      reverse = null;
      denoised = noisy;
    } else {
      reverse =
          new ReverseProcess(
              device,
              method.model(),
              method.plan(),
              shape.dim(0),
              shape.dim(1),
              shape.dim(2),
              dtype);
      denoised = device.allocate(DType.F32, shape);
    }
    addNoise = device.record(this::recordNoise);
  }

  private static void checkChannels(DiffusionModel model, int channels) {
    if (model.inChannels() != channels) {
      throw InputException.of(
          "the diffusion model denoises images of %d channels, but these have %d",
          model.inChannels(), channels);
    }
    if (model.classes() > 0) {
      throw InputException.of(
          "a class-conditional diffusion model cannot denoise for certification");
    }
  }

  private void recordNoise(Ops ops) {
    Shape s = image.shape();
    Tensor x = image;
    if (noise.added()) {
      Tensor epsilon = ops.gaussianNoise(noiseKeys, s.dim(1), s.dim(2), s.dim(3));
      x = ops.combine(1f, image, (float) noise.sigma(), epsilon, 0f);
    }
    ops.assign(noisy, x);
    if (reverse != null) {
      // DensePure_Certify.forward: (x - 0.5)·2; image_editing_sample: scale·that.
      float scale = (float) reverse.plan().start().scale();
      Tensor centred = ops.combine(2f, x, 0f, null, -1f);
      ops.assign(reverse.state(), ops.combine(scale, centred, 0f, null, 0f));
    }
  }

  /** Records how the images come out of {@link #run}: {@code [N, H, W, C]}, mostly in [0, 1]. */
  Tensor recordResult(Ops ops) {
    if (reverse == null) {
      return noisy;
    }
    Tensor x = ops.combine(0.5f, reverse.state(), 0f, null, 0.5f);
    ops.assign(denoised, x);
    return x;
  }

  /** As {@link #recordResult}, and then how the images go into a classifier. */
  Tensor recordClassifierInput(Ops ops, Preprocessing preprocessing) {
    Tensor pixels = recordResult(ops);
    return reverse == null
        ? preprocessing.ofPixels(ops, pixels)
        : preprocessing.ofPurified(ops, reverse.state());
  }

  /** Shape of a batch of images, {@code [N, H, W, C]}. */
  Shape shape() {
    return image.shape();
  }

  /** Calls of the diffusion network that a lane costs. */
  int steps() {
    return reverse == null ? 0 : reverse.plan().steps().size();
  }

  /**
   * Makes images noisy and denoises them. May return before the device has finished.
   *
   * @param images {@code [N, H, W, C]} in [0, 1]
   * @param lanes 1 to N; the noise of the slots after them repeats the last one
   */
  void run(float[] images, List<Lane> lanes) {
    run(images, lanes, step -> {});
  }

  /**
   * @param afterStep told 0, 1 … when a reverse step has been taken; see {@link #stateImage}
   */
  void run(float[] images, List<Lane> lanes, IntConsumer afterStep) {
    int batch = image.shape().dim(0);
    device.upload(image, images);
    device.upload(noiseKeys, noise.smoothingKeys(lanes, batch));
    addNoise.run();
    if (reverse != null) {
      reverse.run(noise.reverseKeys(lanes, batch), afterStep);
    }
  }

  /** The noisy image of {@code slot}, {@code [C, H, W]}, mostly in [0, 1]. */
  float[] noisyImage(int slot) {
    return picture(noisy, slot);
  }

  /** The denoised image of {@code slot}, {@code [C, H, W]}, once {@link #recordResult} has run. */
  float[] denoisedImage(int slot) {
    return picture(denoised, slot);
  }

  /** x_t of {@code slot} at this point of the reverse process, {@code [C, H, W]}, as a picture. */
  float[] stateImage(int slot) {
    float[] x = picture(reverse.state(), slot);
    for (int i = 0; i < x.length; i++) {
      x[i] = 0.5f * x[i] + 0.5f;
    }
    return x;
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
    if (reverse != null) {
      reverse.close();
      device.free(denoised);
    }
    for (Tensor t : List.of(image, noiseKeys, noisy)) {
      device.free(t);
    }
  }
}
