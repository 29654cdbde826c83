package io.densepure.diffusion;

import io.densepure.compute.DType;
import io.densepure.compute.DdpmOutput;
import io.densepure.compute.Device;
import io.densepure.compute.Program;
import io.densepure.compute.Tensor;
import io.densepure.model.DiffusionModel;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * A {@link ReverseProcess} with given noise that shows every quantity of every step: for comparing
 * with recordings of the original.
 */
public final class ReverseTrace implements AutoCloseable {
  /**
   * What one step computed, all {@code [N, H, W, C]} row-major but the model's output, which may
   * have 2C channels.
   */
  public record Step(
      float[] x,
      float[] modelOutput,
      float[] mean,
      float[] logVariance,
      float[] predXstart,
      float[] sample) {}

  /** Is told about each step, in order from 0. */
  @FunctionalInterface
  public interface Observer {
    void step(int index, Step values);
  }

  private final Device device;
  private final ReverseProcess process;
  private final Tensor noise;
  private final Map<DdpmOutput, Tensor> outputs = new EnumMap<>(DdpmOutput.class);
  private final Program step;

  /** As {@link ReverseProcess#ReverseProcess}. */
  public ReverseTrace(
      Device device,
      DiffusionModel model,
      ReversePlan plan,
      int batch,
      int height,
      int width,
      DType dtype) {
    this.device = device;
    process = new ReverseProcess(device, model, plan, batch, height, width, dtype);
    Tensor x = process.state();
    noise = device.allocate(DType.F32, x.shape());
    for (DdpmOutput output : DdpmOutput.values()) {
      outputs.put(output, device.allocate(DType.F32, x.shape()));
    }
    step =
        device.record(
            ops ->
                outputs.forEach(
                    (output, tensor) ->
                        ops.assign(
                            tensor,
                            ops.ddpmStep(
                                x, process.modelOutput(), noise, process.coefficients(), output))));
  }

  /** Classes to denoise towards, {@code [N]} {@code I32}; null for an unconditional model. */
  public Tensor labels() {
    return process.labels();
  }

  /**
   * Takes all steps.
   *
   * @param start x_t, {@code [N, H, W, C]} row-major
   * @param noiseOfStep the noise of step 0, 1 …, in the same order of elements
   * @return x_0
   */
  public float[] run(float[] start, IntFunction<float[]> noiseOfStep, Observer observer) {
    float[] x = start;
    for (int i = 0; i < process.plan().steps().size(); i++) {
      ReverseStep planned = process.plan().steps().get(i);
      device.upload(process.state(), x);
      device.upload(noise, noiseOfStep.apply(i));
      process.predict(planned);
      step.run();
      Step values =
          new Step(
              x,
              device.downloadFloats(process.modelOutput()),
              download(DdpmOutput.MEAN),
              download(DdpmOutput.LOG_VARIANCE),
              download(DdpmOutput.PRED_XSTART),
              download(DdpmOutput.SAMPLE));
      observer.step(i, values);
      x = download(planned.result());
    }
    return x;
  }

  private float[] download(DdpmOutput output) {
    return device.downloadFloats(outputs.get(output));
  }

  @Override
  public void close() {
    step.close();
    process.close();
    device.free(noise);
    outputs.values().forEach(device::free);
  }
}
