package io.densepure.pipeline;

import io.densepure.certify.Lane;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a certification would cost at most, if every vote of every copy were cast: counted, but for
 * the speed of the devices, which is measured on a few batches.
 *
 * @param data the data set's name
 * @param lanes votes of all copies of all images
 * @param denoisings calls of the diffusion network, counted by image in a batch
 * @param classifications calls of the classifier, counted likewise
 * @param devices each one's speed
 */
public record CertifyEstimate(
    String data, long lanes, long denoisings, long classifications, List<Speed> devices) {
  /** The first run compiles and allocates; the second is captured on GPUs; then all are alike. */
  private static final int WARM_UP = 2;

  private static final int MAX_TIMED = 5;
  private static final double ENOUGH_SECONDS = 2;

  /**
   * How fast a device is, and what it needs. A CPU is one device here, whose threads take a batch
   * each.
   *
   * @param batch lanes computed at once, by all threads of a CPU together
   * @param secondsPerBatch the median of a few
   * @param bytes of the device's memory, or 0 where the memory is not planned (on CPUs)
   * @param freeBytes that there are now, or 0
   */
  public record Speed(
      String device, int batch, double secondsPerBatch, long bytes, long freeBytes) {
    public double lanesPerSecond() {
      return batch / secondsPerBatch;
    }

    /** Of the same CPU: batches add up, and so do lanes per second. */
    private Speed plusThread(Speed other) {
      int both = batch + other.batch;
      return new Speed(
          device, both, both / (lanesPerSecond() + other.lanesPerSecond()), bytes, freeBytes);
    }
  }

  /**
   * Loads the networks and times some batches on all devices at once, as in a run. Writes nothing.
   *
   * @throws io.densepure.InputException if anything about the request is wrong
   */
  public static CertifyEstimate of(Devices devices, Setup setup, CertifyRequest request) {
    var data = setup.dataset();
    try (LanePipelines pipelines = CertifyPipelines.open(devices, setup, data, request)) {
      List<Double> seconds =
          pipelines.onAll(p -> secondsPerBatch(p, lanes(request, p.batchSize())));
      Map<String, Speed> speeds = new LinkedHashMap<>();
      for (int i = 0; i < pipelines.all().size(); i++) {
        BatchChoice choice = pipelines.choices().get(i);
        String name = pipelines.all().get(i).deviceName();
        speeds.merge(
            name,
            new Speed(name, choice.batch(), seconds.get(i), choice.bytes(), choice.freeBytes()),
            Speed::plusThread);
      }
      long lanes = request.lanes();
      int steps = pipelines.all().get(0).stepsPerLane();
      return new CertifyEstimate(
          data.name(), lanes, lanes * steps, lanes, List.copyOf(speeds.values()));
    }
  }

  private static List<Lane> lanes(CertifyRequest request, int batch) {
    List<Lane> lanes = new ArrayList<>();
    int image = request.images().get(0);
    for (int i = 0; i < Math.min(batch, request.plan().lanes()); i++) {
      lanes.add(request.plan().lane(image, i)); // fewer than the batch cost as much as all
    }
    return lanes;
  }

  private static double secondsPerBatch(LanePipeline pipeline, List<Lane> lanes) {
    for (int i = 0; i < WARM_UP; i++) {
      pipeline.classify(lanes);
    }
    List<Double> seconds = new ArrayList<>();
    double sum = 0;
    while (seconds.isEmpty() || seconds.size() < MAX_TIMED && sum < ENOUGH_SECONDS) {
      long start = System.nanoTime();
      pipeline.classify(lanes);
      seconds.add((System.nanoTime() - start) * 1e-9);
      sum += seconds.get(seconds.size() - 1);
    }
    return seconds.stream().sorted().toList().get(seconds.size() / 2);
  }

  /** How long all of it takes, in whole batches on all devices at once. */
  public double secondsAtMost() {
    long atOnce = devices.stream().mapToLong(Speed::batch).sum();
    double perSecond = devices.stream().mapToDouble(Speed::lanesPerSecond).sum();
    return (lanes + atOnce - 1) / atOnce * atOnce / perSecond;
  }
}
