package io.densepure.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.densepure.DeviceMemoryException;
import io.densepure.certify.Guarantee;
import io.densepure.certify.SamplingPlan;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.ForwardingDevice;
import io.densepure.compute.Shape;
import io.densepure.compute.Tensor;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.config.SetupConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A CPU with memory for some of its threads only. */
class LanePipelinesTest {
  private static final SamplingPlan PLAN = new SamplingPlan(2, 30, 1);

  @TempDir private Path folder;

  /** A thread that refuses some tensors; keeps what it has, and what it was asked for. */
  private static final class Cramped extends ForwardingDevice {
    private final Predicate<Shape> refused;
    private final Set<Tensor> live = new HashSet<>();
    private final List<Shape> asked = new ArrayList<>();

    Cramped(Device thread, Predicate<Shape> refused) {
      super(thread);
      this.refused = refused;
    }

    @Override
    public Tensor allocate(DType dtype, Shape shape) {
      asked.add(shape);
      if (refused.test(shape)) {
        throw new DeviceMemoryException("no room for " + shape);
      }
      Tensor tensor = super.allocate(dtype, shape);
      live.add(tensor);
      return tensor;
    }

    @Override
    public void free(Tensor persistent) {
      live.remove(persistent);
      super.free(persistent);
    }
  }

  private LaneWorkers open(Devices devices) {
    Setup setup = new Setup(SetupConfig.load("fashion-mnist", null));
    CertifyRequest request =
        new CertifyRequest(
            null,
            null,
            List.of(7),
            new SmoothingNoise(0.5, 11, List.of(0L)),
            new CertifyRequest.Sampling(PLAN, Guarantee.FIXED, 0.001, false),
            new Execution(0, DType.F32),
            CertifyRequest.Output.table(folder.resolve("run")));
    return devices.workers(setup, setup.dataset(), request);
  }

  private static Devices devices(List<? extends Device> threads) {
    return new Devices(
        threads.stream().map(t -> (Supplier<Device>) () -> t).collect(Collectors.toList()));
  }

  /** Whichever of the pipelines: they give the same. */
  private static int[] labels(LaneWorkers workers, int thread) {
    LanePipeline pipeline = (LanePipeline) workers.all().get(thread);
    int batch = pipeline.batchSize();
    return IntStream.iterate(0, i -> i < PLAN.lanes(), i -> i + batch)
        .mapToObj(i -> IntStream.range(i, i + batch).mapToObj(p -> PLAN.lane(7, p)).toList())
        .flatMapToInt(lanes -> IntStream.of(pipeline.classify(lanes)))
        .toArray();
  }

  @Test
  void threadsThatThereIsNoMemoryForAreLeftOut() {
    List<CpuDevice> team = CpuDevice.openTeam(4);
    List<Shape> some = new ArrayList<>();
    Cramped third =
        new Cramped(
            team.get(2),
            shape -> {
              some.add(shape);
              return some.size() > 1; // a part of its pipeline is there already
            });
    Cramped fourth = new Cramped(team.get(3), shape -> false);
    try (Devices devices = devices(List.of(team.get(0), team.get(1), third, fourth));
        LaneWorkers workers = open(devices)) {
      assertEquals(2, workers.all().size());
      assertEquals(
          List.of("cpu: memory for 2 of the threads only", "cpu: batch 4 on each of 2 threads"),
          workers.batches());
      assertTrue(third.asked.size() > 1 && third.live.isEmpty(), "it holds " + third.live);
      assertEquals(List.of(), fourth.asked, "no other thread is tried");
      assertArrayEquals(labels(workers, 0), labels(workers, 1));
    }
  }

  /** The batch decides over last bits, so that all threads have the same. */
  @Test
  void theFirstThreadsSmallerBatchIsEveryThreads() {
    List<CpuDevice> team = CpuDevice.openTeam(2);
    Cramped first = new Cramped(team.get(0), shape -> shape.rank() == 4 && shape.dim(0) > 2);
    try (Devices devices = devices(List.of(first, team.get(1)));
        LaneWorkers workers = open(devices)) {
      assertEquals(
          List.of(
              "cpu: no memory for batches of 4; trying 2",
              "cpu: with smaller batches the last bits of results may differ",
              "cpu: batch 2 on each of 2 threads"),
          workers.batches());
      assertArrayEquals(labels(workers, 0), labels(workers, 1));
    }
  }
}
