package io.densepure.pipeline;

import io.densepure.DeviceException;
import io.densepure.certify.LaneClassifier;
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
final class LanePipelines implements AutoCloseable {
  private final List<LanePipeline> all = new ArrayList<>();
  private final List<BatchChoice> choices = new ArrayList<>();

  /**
   * Records the programs of every device.
   *
   * @param batch lanes at once on each GPU, or 0 to choose
   * @param lanes how many there will be in all
   * @throws io.densepure.InputException if networks, images and devices do not fit
   */
  LanePipelines(Devices devices, LaneWork work, int batch, long lanes) {
    int count = devices.all().size();
    long share = (lanes + count - 1) / count;
    try {
      for (Device device : devices.all()) {
        Backends.requireDtype(device, work.dtype());
        BatchChoice choice = BatchChoice.of(device, work, batch, share);
        all.add(new LanePipeline(device, work, choice.batch()));
        choices.add(choice);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** At least one, in the order of the devices. */
  List<LanePipeline> all() {
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
   * all threads of a CPU.
   */
  List<String> batches() {
    Map<String, Integer> lines = new LinkedHashMap<>();
    for (int i = 0; i < all.size(); i++) {
      lines.merge(all.get(i).deviceName() + ": " + choices.get(i).text(), 1, Integer::sum);
    }
    return lines.entrySet().stream()
        .map(
            e ->
                e.getValue() == 1
                    ? e.getKey()
                    : e.getKey() + " on each of " + e.getValue() + " threads")
        .toList();
  }

  /** What to tell of a device that failed while others go on. */
  static String farewell(LaneClassifier pipeline, DeviceException why) {
    return ((LanePipeline) pipeline).deviceName()
        + " failed and takes no further part: "
        + why.getMessage();
  }

  /** Lanes that all devices together take at once. */
  int inFlight() {
    return all.stream().mapToInt(LanePipeline::batchSize).sum();
  }

  int classes() {
    return all.get(0).classes();
  }

  @Override
  public void close() {
    all.forEach(LanePipeline::close);
    all.clear();
  }
}
