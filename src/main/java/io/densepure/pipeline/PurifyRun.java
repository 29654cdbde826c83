package io.densepure.pipeline;

import io.densepure.certify.Lane;
import io.densepure.compute.Device;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Denoises images for their own sake: one noisy copy of each, the one that certifying the same
 * index uses first to bound the class's probability, and one version per reverse seed.
 */
public final class PurifyRun implements AutoCloseable {
  private static final int USUAL_BATCH = 32;

  private final PurifyRequest request;
  private final Shape shape; // [N, H, W, C]
  private final DenoisingPrograms denoiser;
  private final Program result;
  private final List<Integer> stages;

  /**
   * What became of one image; pictures are {@code [C, H, W]}, mostly in [0, 1].
   *
   * @param denoised one per reverse seed
   * @param stages for each reverse seed its x_t after the steps of {@link #stages()}
   */
  public record Purified(float[] noisy, List<float[]> denoised, List<List<float[]>> stages) {}

  private PurifyRun(Device device, DenoisingMethod method, Shape shape, PurifyRequest request) {
    this.request = request;
    this.shape = shape;
    denoiser =
        new DenoisingPrograms(device, request.noise(), method, shape, request.execution().dtype());
    result = device.record(denoiser::recordResult);
    stages = spread(denoiser.steps(), request.stages());
  }

  /**
   * Loads the diffusion model.
   *
   * @param channels of the images
   * @param said told in a line if there is too little memory and smaller batches are tried
   * @throws io.densepure.InputException if the model is missing or does not fit the images
   */
  public static PurifyRun open(
      Device device,
      Setup setup,
      PurifyRequest request,
      int channels,
      int height,
      int width,
      Consumer<String> said) {
    Backends.requireDtype(device, request.execution().dtype());
    DenoisingMethod method =
        DenoisingMethod.load(setup, request.noise().sigma(), request.denoising());
    return open(device, method, request, channels, height, width, said);
  }

  /**
   * With a diffusion model that has been loaded; only the request's noise, stages and execution
   * count.
   *
   * @param channels of the images
   * @param said told in a line if there is too little memory and smaller batches are tried
   * @throws io.densepure.InputException if the model does not fit the images
   */
  public static PurifyRun open(
      Device device,
      DenoisingMethod method,
      PurifyRequest request,
      int channels,
      int height,
      int width,
      Consumer<String> said) {
    int asked = request.execution().batch();
    int batch = Math.min(request.votes(), asked > 0 ? asked : USUAL_BATCH);
    return LargestBatch.open(
        device,
        batch,
        (attempt, size) ->
            new PurifyRun(attempt, method, Shape.of(size, height, width, channels), request),
        said);
  }

  /** At most {@code wanted} of the steps 0 … steps − 1, evenly spread, the last one included. */
  static List<Integer> spread(int steps, int wanted) {
    int shown = Math.min(steps, wanted);
    return IntStream.rangeClosed(1, shown)
        .mapToObj(i -> (int) ((long) i * steps / shown) - 1)
        .toList();
  }

  /** Reverse steps of each version. */
  public int steps() {
    return denoiser.steps();
  }

  /** The steps, from 0, whose states {@link Purified#stages} holds. */
  public List<Integer> stages() {
    return stages;
  }

  /** Reverse steps that {@link #run} takes for one image, counting batches once. */
  public long stepsPerImage() {
    int batches = (request.votes() + shape.dim(0) - 1) / shape.dim(0);
    return (long) batches * steps();
  }

  /**
   * @param index of the image: part of the key of its noise
   * @param pixels {@code [C, H, W]} in [0, 1]
   * @param afterStep told after every reverse step
   */
  public Purified run(int index, float[] pixels, IntConsumer afterStep) {
    float[] channelsLast = ImageLoader.channelsLast(pixels, shape.dim(3));
    int batch = shape.dim(0);
    float[] images = new float[batch * channelsLast.length];
    for (int slot = 0; slot < batch; slot++) {
      System.arraycopy(channelsLast, 0, images, slot * channelsLast.length, channelsLast.length);
    }
    List<float[]> denoised = new ArrayList<>();
    List<List<float[]>> states = new ArrayList<>();
    for (int first = 0; first < request.votes(); first += batch) {
      int last = Math.min(first + batch, request.votes());
      List<Lane> lanes =
          IntStream.range(first, last)
              .mapToObj(vote -> new Lane(index, Lane.Phase.ESTIMATION, 0, vote))
              .toList();
      List<List<float[]>> of = lanes.stream().<List<float[]>>map(l -> new ArrayList<>()).toList();
      denoiser.run(images, lanes, step -> keep(step, of, afterStep));
      result.run();
      for (int slot = 0; slot < lanes.size(); slot++) {
        denoised.add(denoiser.denoisedImage(slot));
      }
      states.addAll(of);
    }
    return new Purified(denoiser.noisyImage(0), denoised, states);
  }

  private void keep(int step, List<List<float[]>> states, IntConsumer afterStep) {
    if (stages.contains(step)) {
      for (int slot = 0; slot < states.size(); slot++) {
        states.get(slot).add(denoiser.stateImage(slot));
      }
    }
    afterStep.accept(step);
  }

  /** Frees what is on the device, which stays open. */
  @Override
  public void close() {
    result.close();
    denoiser.close();
  }
}
