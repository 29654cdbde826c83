package io.densepure.pipeline;

import io.densepure.certify.BatchClassifier;
import io.densepure.certify.Lane;
import io.densepure.compute.Device;
import io.densepure.compute.JavaCpp;
import io.densepure.compute.cpu.CpuDevice;
import java.nio.file.Path;
import java.util.List;

/**
 * The networks of a {@link LaneRecipe} on the machine where its lanes are computed: loaded (mapped
 * into memory) once in a process, then used by any number of devices.
 */
public final class RemoteLanes {
  private final LaneRecipe recipe;
  private final LaneWork work;
  private CpuDevice thread; // null before the first

  private RemoteLanes(LaneRecipe recipe, LaneWork work) {
    this.recipe = recipe;
    this.work = work;
  }

  /**
   * @param shipped folder where files are looked for by their names that are not where the recipe
   *     says
   * @throws io.densepure.InputException if a file is missing here, or is another one
   */
  public static RemoteLanes load(LaneRecipe recipe, Path shipped) {
    JavaCpp.configure();
    return new RemoteLanes(recipe, recipe.load(shipped));
  }

  /**
   * Records the programs of a device that is opened for the purpose; the classifier closes it.
   *
   * @param backend as for {@link Backends#open}; of the CPU, a thread
   */
  public BatchClassifier open(String backend) {
    Device device = device(backend);
    try {
      Backends.requireDtype(device, work.dtype());
      int batch = BatchChoice.of(device, work, recipe.execution().batch(), recipe.lanes()).batch();
      return new OnItsDevice(new LanePipeline(device, work, batch), device);
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  /** Of the CPU one thread, as in the team of a local run; those of a process share weights. */
  private synchronized Device device(String backend) {
    Device device =
        thread != null && backend.equals("cpu") ? thread.another() : Backends.open(backend, 1);
    if (device instanceof CpuDevice cpu) {
      thread = cpu;
    }
    return device;
  }

  /** Calls of the diffusion network that one lane costs. */
  public int stepsPerLane() {
    return work.denoising() == null ? 0 : work.denoising().plan().steps().size();
  }

  /** A pipeline whose device is nobody else's; named after it. */
  private record OnItsDevice(LanePipeline pipeline, Device device) implements BatchClassifier {
    @Override
    public int batchSize() {
      return pipeline.batchSize();
    }

    @Override
    public int classes() {
      return pipeline.classes();
    }

    @Override
    public int[] classify(List<Lane> lanes) {
      return pipeline.classify(lanes);
    }

    @Override
    public void close() {
      pipeline.close();
      device.close();
    }

    @Override
    public String toString() {
      return device.description();
    }
  }
}
