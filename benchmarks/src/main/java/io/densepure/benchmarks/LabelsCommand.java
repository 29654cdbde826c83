package io.densepure.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.densepure.certify.Guarantee;
import io.densepure.certify.Lane.Phase;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteFiles;
import io.densepure.certify.VoteSaving;
import io.densepure.compute.DType;
import io.densepure.compute.Device;
import io.densepure.compute.HostTensor;
import io.densepure.compute.cpu.CpuDevice;
import io.densepure.config.SetupConfig;
import io.densepure.data.Npy;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.CertifyRun;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.Execution;
import io.densepure.pipeline.Setup;
import io.densepure.pipeline.SmoothingNoise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code benchmarks/run labels}: what bf16 changes. */
@Command(
    name = "labels",
    description = {
      "Certifies images in fp32 and in bf16 with the same noise, and counts the votes that agree.",
      "A processor without bf16 rounds as one with it would, and computes in fp32."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class LabelsCommand implements Callable<Integer> {
  @Option(names = "--setup", defaultValue = "fashion-mnist", description = "networks and images")
  private String setup;

  @Option(names = "--sigma", defaultValue = "0.5", description = "of the noise")
  private double sigma;

  @Option(names = "--images", defaultValue = "44", description = "spread over the test set")
  private int images;

  @Option(names = "--samples", defaultValue = "100", description = "noisy copies of an image")
  private int samples;

  @Option(names = "--votes", defaultValue = "2", description = "denoisings of a noisy copy")
  private int votes;

  @Option(names = "--steps", defaultValue = "3", description = "reverse steps")
  private int steps;

  @Option(names = "--threads", defaultValue = "2", description = "CPU threads")
  private int threads;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Setup networks = new Setup(SetupConfig.load(setup, null));
    int size = networks.dataset().size();
    if (images < 1 || images > size || samples < 2 || votes < 1 || threads < 1) {
      throw new ParameterException(
          spec.commandLine(), "1 to " + size + " images, 2 or more samples, 1 or more of the rest");
    }
    Path folder = Files.createTempDirectory("densepure-labels");
    Map<HostTensor, HostTensor> rounded = new IdentityHashMap<>();
    List<Supplier<? extends Device>> openers =
        CpuDevice.openTeam(threads).stream()
            .<Supplier<? extends Device>>map(device -> () -> withBf16(device, rounded))
            .toList();
    try (Devices devices = new Devices(openers)) {
      List<Integer> ids = IntStream.range(0, images).map(i -> i * (size / images)).boxed().toList();
      long[] exact = labels(devices, networks, ids, DType.F32, folder);
      long[] half = labels(devices, networks, ids, DType.BF16, folder);
      long same = IntStream.range(0, exact.length).filter(i -> exact[i] == half[i]).count();
      boolean computed = devices.all().stream().noneMatch(RoundingDevice.class::isInstance);
      System.out.printf(
          "bf16 %s: %d of %d votes agree with fp32, %.2f %% (sigma %s, %d steps, %s)%n",
          computed ? "computed" : "rounded to",
          same,
          exact.length,
          100.0 * same / exact.length,
          sigma,
          steps,
          setup);
    } finally {
      Benchmarks.delete(folder);
    }
    return 0;
  }

  private static Device withBf16(CpuDevice device, Map<HostTensor, HostTensor> rounded) {
    return device.supports(DType.BF16) ? device : new RoundingDevice(device, rounded);
  }

  /** All votes on all copies, image by image and seed by seed. */
  private long[] labels(
      Devices devices, Setup networks, List<Integer> ids, DType dtype, Path folder) {
    List<Long> seeds = LongStream.range(0, votes).boxed().toList();
    VoteFiles files = new VoteFiles(folder.resolve(dtype.label()).toString() + "-");
    SamplingPlan plan = new SamplingPlan(1, samples - 1, votes);
    CertifyRequest request =
        new CertifyRequest(
            null,
            new ReverseMode.Steps(steps),
            ids,
            new SmoothingNoise(sigma, 0, seeds),
            new CertifyRequest.Sampling(plan, Guarantee.FIXED, 0.001, true),
            new Execution(0, dtype),
            new CertifyRequest.Output(
                folder.resolve(dtype.label()), VoteSaving.each(files, seeds), false, null));
    try (CertifyRun run =
        CertifyRun.open(devices, networks, request, JsonNodeFactory.instance.objectNode())) {
      AtomicInteger done = new AtomicInteger();
      run.run(
          progress -> {},
          image ->
              System.err.printf(
                  "%s: %d of %d images%n", dtype.label(), done.incrementAndGet(), ids.size()),
          System.err::println);
    }
    return ids.stream()
        .flatMap(id -> seeds.stream().map(seed -> files.path(id, seed, Phase.ESTIMATION)))
        .flatMapToLong(file -> LongStream.of(Npy.readLongs(file)))
        .toArray();
  }
}
