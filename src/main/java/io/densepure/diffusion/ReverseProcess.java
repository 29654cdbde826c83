package io.densepure.diffusion;

import io.densepure.InputException;
import io.densepure.compute.DType;
import io.densepure.compute.DdpmCoefficients;
import io.densepure.compute.DdpmOutput;
import io.densepure.compute.Device;
import io.densepure.compute.Ops;
import io.densepure.compute.Program;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.model.DiffusionModel;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Runs a {@link ReversePlan} on a device, for a fixed batch of images. The model is recorded once
 * and replayed at every step; only its timestep and coefficients change. Images stay on the device,
 * in float32.
 *
 * <pre>{@code
 * ... a program that assigns start.scale · (2·noisy − 1) to process.state() ...
 * process.run(laneKeys);
 * ... a program that reads process.state(): x_0 ...
 * }</pre>
 */
public final class ReverseProcess implements AutoCloseable {
  private final Device device;
  private final ReversePlan plan;
  private final Tensor x; // [N, H, W, C]
  private final Tensor modelOutput; // [N, H, W, C or 2C]
  private final Tensor timestep; // [1]: all lanes share the clock
  private final Tensor coefficients; // [8]
  private final Tensor noiseKeys; // [N, 5]
  private final Tensor labels; // [N], or null
  private final Program predict;
  private final Map<DdpmOutput, Program> updates = new EnumMap<>(DdpmOutput.class);

  /**
   * @param batch N, the number of lanes
   * @param dtype what the model's activations are stored as
   * @throws InputException if the plan does not fit the model's outputs, or the model the image
   *     size
   */
  public ReverseProcess(
      Device device,
      DiffusionModel model,
      ReversePlan plan,
      int batch,
      int height,
      int width,
      DType dtype) {
    checkVariance(model, plan);
    this.device = device;
    this.plan = plan;
    Shape image = Shape.of(batch, height, width, model.inChannels());
    x = device.allocate(DType.F32, image);
    modelOutput = device.allocate(DType.F32, image.withChannels(model.outChannels()));
    timestep = device.allocate(DType.F32, Shape.of(1));
    coefficients = device.allocate(DType.F32, Shape.of(DdpmCoefficients.LENGTH));
    noiseKeys = device.allocate(DType.I32, Shape.of(batch, Ops.NOISE_KEY_WORDS));
    labels = model.classes() == 0 ? null : device.allocate(DType.I32, Shape.of(batch));
    predict =
        device.record(
            ops -> ops.assign(modelOutput, model.forward(ops, x, timestep, labels, dtype)));
    for (ReverseStep step : plan.steps()) {
      updates.computeIfAbsent(
          step.result(), output -> device.record(ops -> ops.assign(x, update(ops, output))));
    }
  }

  private static void checkVariance(DiffusionModel model, ReversePlan plan) {
    boolean learned = plan.settings().variance() == VarianceType.LEARNED_RANGE;
    if (learned != (model.outChannels() == 2 * model.inChannels())) {
      throw InputException.of(
          "learn_sigma is %b, but the network has %d outputs for %d channels",
          learned, model.outChannels(), model.inChannels());
    }
  }

  /** x after a step; only a sample needs noise. */
  private Tensor update(Ops ops, DdpmOutput output) {
    Shape image = x.shape();
    Tensor noise =
        output == DdpmOutput.SAMPLE
            ? ops.gaussianNoise(noiseKeys, image.dim(1), image.dim(2), image.dim(3))
            : null;
    return ops.ddpmStep(x, modelOutput, noise, coefficients, output);
  }

  public ReversePlan plan() {
    return plan;
  }

  /** The images, {@code [N, H, W, C]} {@code F32}: x_t before {@link #run}, x_0 after it. */
  public Tensor state() {
    return x;
  }

  /** Classes to denoise towards, {@code [N]} {@code I32}; null for an unconditional model. */
  public Tensor labels() {
    return labels;
  }

  /**
   * Takes all steps. May return before the device has finished.
   *
   * @param laneKeys {@code [N, 5]}, one {@link io.densepure.compute.Philox#laneKey} a lane with the
   *     reverse seed; the stream word is not looked at: step i = 0, 1 … uses stream i + 1
   */
  public void run(int[] laneKeys) {
    run(laneKeys, step -> {});
  }

  /**
   * As {@link #run(int[])}, telling {@code afterStep} 0, 1 … when {@link #state} is that step's.
   */
  public void run(int[] laneKeys, IntConsumer afterStep) {
    for (int i = 0; i < plan.steps().size(); i++) {
      ReverseStep step = plan.steps().get(i);
      if (step.result() == DdpmOutput.SAMPLE) {
        device.upload(noiseKeys, withStream(laneKeys, i + 1));
      }
      predict(step);
      updates.get(step.result()).run();
      afterStep.accept(i);
    }
  }

  private static int[] withStream(int[] laneKeys, int stream) {
    int[] keys = laneKeys.clone();
    for (int i = Ops.NOISE_KEY_WORDS - 1; i < keys.length; i += Ops.NOISE_KEY_WORDS) {
      keys[i] = stream;
    }
    return keys;
  }

  /** Calls the model on the state, as {@code step} needs it. */
  void predict(ReverseStep step) {
    device.upload(timestep, new float[] {step.modelTimestep()});
    device.upload(coefficients, step.coefficients().toArray());
    predict.run();
  }

  /** What the model returned last. */
  Tensor modelOutput() {
    return modelOutput;
  }

  /** The coefficients of the step at hand. */
  Tensor coefficients() {
    return coefficients;
  }

  /** Frees programs and tensors, {@link #state} included. */
  @Override
  public void close() {
    predict.close();
    updates.values().forEach(Program::close);
    for (Tensor t : new Tensor[] {x, modelOutput, timestep, coefficients, noiseKeys}) {
      device.free(t);
    }
    if (labels != null) {
      device.free(labels);
    }
  }
}
