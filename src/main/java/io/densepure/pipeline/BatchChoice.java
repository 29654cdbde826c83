package io.densepure.pipeline;

import io.densepure.DeviceException;
import io.densepure.compute.Device;
import io.densepure.compute.MemoryPlanner;

/**
 * How many lanes a device takes at once. Results do not depend on it.
 *
 * @param batch lanes
 * @param bytes memory that they need, or 0 if that was not found out
 * @param freeBytes memory that there was
 */
record BatchChoice(int batch, long bytes, long freeBytes) {
  /** Lanes of a CPU's thread: as fast as any number of them, and the caches hold more of these. */
  private static final int CPU_BATCH = 4;

  /** As many pixels as that, for images larger than 32×32. */
  private static final int FULL_CPU_PIXELS = CPU_BATCH << 10;

  /** Pixels of a batch beyond which a GPU is taken to be busy: 1024 images of 32×32, 16 of 256². */
  private static final int FULL_GPU_PIXELS = 1 << 20;

  /** The rest is for what the libraries load late, and for other programs. */
  private static final double USABLE = 0.9;

  /** Kernels work best on multiples of this. */
  private static final int STEP = 8;

  /**
   * On a GPU, the largest batch that makes sense and fits into its free memory. On a CPU always the
   * same for images of one size: oneDNN chooses by the batch in which parts a product is summed up,
   * so that the last bits depend on it.
   *
   * @param asked lanes at once if the user said so, else 0
   * @param lanes how many this device will have in all, more or less: no batch need be larger
   * @throws DeviceException if not even one lane fits
   */
  static BatchChoice of(Device device, LaneWork work, int asked, long lanes) {
    if (device.memoryPlanner().isEmpty()) {
      return unplanned(cpuBatch(work.pixels()));
    }
    return asked > 0
        ? unplanned(Math.min(asked, lanes))
        : planned(device, device.memoryPlanner().get(), work, lanes);
  }

  /** This choice, or only a batch size if it turned out to be another one. */
  BatchChoice withBatch(int other) {
    return other == batch ? this : unplanned(other);
  }

  private static int cpuBatch(int pixels) {
    int images = FULL_CPU_PIXELS / pixels;
    return Math.max(1, Math.min(CPU_BATCH, images));
  }

  private static BatchChoice unplanned(long batch) {
    return new BatchChoice((int) batch, 0, 0);
  }

  private static BatchChoice planned(
      Device device, MemoryPlanner planner, LaneWork work, long lanes) {
    long free = planner.freeBytes();
    long needed = 0;
    for (int limit = limit(work.pixels()); limit >= 1; limit /= 2) {
      int batch = even(lanes, limit);
      needed = planner.bytes(counting -> new LanePipeline(counting, work, batch));
      if (needed <= USABLE * free) {
        return new BatchChoice(batch, needed, free);
      }
    }
    throw new DeviceException(
        "%s has %s free, but these networks need %s even for one image at a time; take a GPU with"
                .formatted(device.name(), gibibytes(free), gibibytes(needed))
            + " more memory, or --dtype fp16");
  }

  /** The largest power of two that is not too many. */
  private static int limit(int pixels) {
    int images = FULL_GPU_PIXELS / pixels;
    return Math.max(1, Integer.highestOneBit(images));
  }

  /**
   * As many batches as of {@code limit} lanes each, but of one size, so that none is half empty.
   */
  private static int even(long lanes, int limit) {
    long batches = (lanes + limit - 1) / limit;
    long each = (lanes + batches - 1) / batches;
    return (int) Math.min(Math.min(limit, lanes), (each + STEP - 1) / STEP * STEP);
  }

  /** As {@code batch 256: 3.1 of 11.0 GiB free}. */
  String text() {
    return bytes == 0
        ? "batch " + batch
        : "batch %d: %s of %s free".formatted(batch, gibibytes(bytes), gibibytes(freeBytes));
  }

  private static String gibibytes(long bytes) {
    return bytes < 0x1p30
        ? String.format(java.util.Locale.ROOT, "%.1f MiB", bytes / 0x1p20)
        : String.format(java.util.Locale.ROOT, "%.1f GiB", bytes / 0x1p30);
  }
}
