package io.densepure.parity;

import com.fasterxml.jackson.databind.JsonNode;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.Shape;
import io.densepure.diffusion.DiffusionSettings;
import io.densepure.diffusion.DiffusionType;
import io.densepure.diffusion.ReverseMode;
import io.densepure.diffusion.ReversePlan;
import io.densepure.diffusion.ReverseTrace;
import io.densepure.model.UNet;
import io.densepure.model.UNetConfig;
import io.densepure.model.UNetSettings.Family;
import java.util.function.IntFunction;

/**
 * The denoiser of a trace or end-to-end case: the original's runner with its arguments, fed with
 * recorded noise. Arrays have their channels second, as in the golden data.
 */
final class Purifier {
  private final Device device;
  private final DType dtype;
  private final UNet unet;
  private final ReversePlan plan;
  private final int clusteringBatch;

  /**
   * @param type which of the two runners
   * @param model the network's configuration, and the schedule's if it has one
   * @param weightsRole which of the case's files holds the weights
   */
  private Purifier(Trial trial, DiffusionType type, JsonNode model, String weightsRole) {
    GoldenCase c = trial.golden();
    JsonNode args = GoldenJson.need(c.config(), "args"); // of the program
    device = trial.device();
    dtype = trial.dtype();
    Family family = type == DiffusionType.DDPM ? Family.IMPROVED : Family.GUIDED;
    UNetConfig config = UNetRunner.config(c, model, family);
    unet = UNet.load(CaseWeights.of(c, weightsRole), config);
    int steps = type == DiffusionType.DDPM ? args.path("t_total").asInt(4000) : 1000;
    DiffusionSettings settings = DiffusionSettings.fromFlags(c.settings(model), type, steps);
    plan = ReversePlan.of(settings, type, GoldenJson.number(args, "sigma"), mode(args));
    clusteringBatch =
        args.path("use_clustering").asBoolean() ? args.path("clustering_batch").asInt() : 1;
  }

  /** That of a trace, whose network is the case's own. */
  static Purifier ofTrace(Trial trial) {
    JsonNode config = trial.golden().config();
    boolean guided = GoldenJson.need(config, "kind").asText().equals("guided");
    DiffusionType type = guided ? DiffusionType.GUIDED_DDPM : DiffusionType.DDPM;
    return new Purifier(trial, type, GoldenJson.need(config, "model"), "checkpoint");
  }

  /** That of an end-to-end case. */
  static Purifier ofEndToEnd(Trial trial) {
    JsonNode config = trial.golden().config();
    String type = GoldenJson.need(config, "args").path("diffusion_type").asText();
    JsonNode model = GoldenJson.need(config, "diffusion_model");
    return new Purifier(trial, DiffusionType.of(type), model, "diffusion");
  }

  private static ReverseMode mode(JsonNode args) {
    if (args.path("use_one_step").asBoolean()) {
      return new ReverseMode.OneShot(args.path("t_plus").asInt());
    }
    return args.path("use_t_steps").asBoolean()
        ? new ReverseMode.Steps(args.path("num_t_steps").asInt())
        : new ReverseMode.Full();
  }

  ReversePlan plan() {
    return plan;
  }

  /**
   * Denoises one batch.
   *
   * @param noisy {@code [N, C, H, W]} of {@code shape}, in [0, 1] plus noise
   * @param noise standard normal, one array per step, of the shape of the result
   * @param observer is told about every step; arrays in it have their channels last
   * @return {@code [N·clusteringBatch, C, H, W]}, in [-1, 1]
   */
  float[] purify(
      float[] noisy, Shape shape, IntFunction<float[]> noise, ReverseTrace.Observer observer) {
    float[] start = Layout.channelsLast(scaled(noisy), shape);
    Shape batch = resultShape(shape);
    int h = shape.dim(2);
    int w = shape.dim(3);
    try (ReverseTrace trace = new ReverseTrace(device, unet, plan, batch.dim(0), h, w, dtype)) {
      float[] out =
          trace.run(
              repeated(start, shape.dim(0)),
              step -> Layout.channelsLast(noise.apply(step), batch),
              observer);
      return Layout.channelsFirst(out, Layout.channelsLast(batch));
    }
  }

  /** Of the purified images. */
  Shape resultShape(Shape noisy) {
    int[] dims = noisy.toArray();
    dims[0] *= clusteringBatch;
    return Shape.of(dims);
  }

  /** x_t = scale · 2(noisy − 0.5). */
  private float[] scaled(float[] noisy) {
    float scale = (float) plan.start().scale();
    float[] out = new float[noisy.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = scale * ((noisy[i] - 0.5f) * 2);
    }
    return out;
  }

  /** Every image {@code clusteringBatch} times in a row. */
  private float[] repeated(float[] images, int n) {
    if (clusteringBatch == 1) {
      return images;
    }
    int size = images.length / n;
    float[] out = new float[images.length * clusteringBatch];
    for (int i = 0; i < n * clusteringBatch; i++) {
      System.arraycopy(images, i / clusteringBatch * size, out, i * size, size);
    }
    return out;
  }
}
