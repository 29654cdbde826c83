package io.densepure.pipeline;

import io.densepure.DeviceException;
import io.densepure.DeviceMemoryException;
import io.densepure.certify.LaneClassifier;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** One pipeline a device, all doing the same work, each in batches that its memory has room for. */
final class LanePipelines implements LaneWorkers {
  /** Batches on every device before a run without any finite lane is given up. */
  private static final int FIRST_BATCHES = 4;

  private final List<LanePipeline> all = new ArrayList<>();
  private final List<BatchChoice> choices = new ArrayList<>();
  private final List<String> smaller = new ArrayList<>();

  /**
   * Records the programs of every device.
   *
   * @param batch lanes at once on each GPU, or 0 to choose
   * @param lanes how many there will be in all
   * @throws io.densepure.InputException if networks, images and devices do not fit
   * @throws DeviceException if a device has not even memory for one lane at a time
   */
  LanePipelines(Devices devices, LaneWork work, int batch, long lanes) {
    int count = devices.all().size();
    long share = (lanes + count - 1) / count;
    try {
      for (Device device : devices.all()) {
        Backends.requireDtype(device, work.dtype());
        if (!open(device, work, BatchChoice.of(device, work, batch, share))) {
          break;
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Whether there was memory for it. A CPU's threads do without those that there is none for, as
   * the last bits of its results depend on the batch; only the first tries a smaller one, and the
   * others take the same.
   */
  private boolean open(Device device, LaneWork work, BatchChoice choice) {
    boolean cpu = device.memoryPlanner().isEmpty();
    if (cpu && !all.isEmpty()) {
      int same = all.get(0).batchSize();
      try {
        all.add(LargestBatch.attempt(device, same, opener(work)));
      } catch (DeviceMemoryException e) {
        smaller.add("%s: memory for %d of the threads only".formatted(device.name(), all.size()));
        return false;
      }
    } else {
      all.add(LargestBatch.open(device, choice.batch(), opener(work), smaller::add));
    }
    LanePipeline pipeline = all.get(all.size() - 1);
    if (cpu && pipeline.batchSize() < choice.batch() && all.size() == 1) {
      smaller.add(device.name() + ": with smaller batches the last bits of results may differ");
    }
    choices.add(choice.withBatch(pipeline.batchSize()));
    return true;
  }

  private static LargestBatch.Opener<LanePipeline> opener(LaneWork work) {
    return (attempt, size) -> new LanePipeline(attempt, work, size);
  }

  /** At least one, in the order of the devices. */
  @Override
  public List<LanePipeline> all() {
    return List.copyOf(all);
  }

  /** Does something on all devices at the same time; the results are in their order. */
  <T> List<T> onAll(Function<LanePipeline, T> action) {
    ExecutorService threads = Executors.newFixedThreadPool(all.size());
    try {
      List<CompletableFuture<T>> results =
          all.stream()
              .map(p -> CompletableFuture.supplyAsync(() -> action.apply(p), threads))
              .toList();
      return results.stream().map(CompletableFuture::join).toList();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException r ? r : e;
    } finally {
      threads.shutdown();
    }
  }

  /** How many lanes each device takes at once, in the order of the devices. */
  List<BatchChoice> choices() {
    return List.copyOf(choices);
  }

  /**
   * One line for each device, as {@code cuda:0: batch 256: 3.1 GiB of 11.0 GiB free}, and one for
   * all threads of a CPU; before them those about larger batches that there was no memory for.
   */
  @Override
  public List<String> batches() {
    Map<String, Integer> lines = new LinkedHashMap<>();
    for (int i = 0; i < all.size(); i++) {
      lines.merge(all.get(i).deviceName() + ": " + choices.get(i).text(), 1, Integer::sum);
    }
    List<String> said = new ArrayList<>(smaller);
    lines.forEach(
        (line, threads) ->
            said.add(threads == 1 ? line : line + " on each of " + threads + " threads"));
    return said;
  }

  @Override
  public String farewell(LaneClassifier pipeline, DeviceException why) {
    return ((LanePipeline) pipeline).deviceName()
        + " failed and takes no further part: "
        + why.getMessage();
  }

  /** For the labels of a run in which the networks store their activations as {@code dtype}. */
  FiniteLanes finiteLanes(DType dtype) {
    return finiteLanes(dtype, inFlight());
  }

  /**
   * As {@link #finiteLanes(DType)}, on whatever workers.
   *
   * @param inFlight lanes that all of them together take at once
   */
  static FiniteLanes finiteLanes(DType dtype, int inFlight) {
    return new FiniteLanes(dtype, (long) FIRST_BATCHES * inFlight);
  }

  @Override
  public int stepsPerLane() {
    return all.get(0).stepsPerLane();
  }

  @Override
  public void close() {
    all.forEach(LanePipeline::close);
    all.clear();
  }
}
