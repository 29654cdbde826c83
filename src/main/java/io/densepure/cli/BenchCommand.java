package io.densepure.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.InputException;
import io.densepure.certify.Guarantee;
import io.densepure.certify.SamplingPlan;
import io.densepure.cli.ComputeOptions.Precision;
import io.densepure.compute.Device;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.Backends;
import io.densepure.pipeline.CertifyEstimate;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.Execution;
import io.densepure.pipeline.Setup;
import io.densepure.pipeline.SmoothingNoise;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench}: how fast this machine is, and what a run of the paper's size would take. */
@Command(
    name = "bench",
    sortOptions = false,
    description =
        "Time noisy copies through diffusion model and classifier, for each precision and batch"
            + " size, and tell how long a whole run would take. Nothing is written.",
    footer = {
      "",
      "Examples:",
      "  densepure bench",
      "  densepure bench --config cifar10 --sigma 0.25 --steps 10 --votes 40",
      "  densepure bench --domain imagenet --data /data/imagenet --images 100 --n 10000 --json"
    })
final class BenchCommand implements Callable<Integer> {
  @Mixin private SetupOptions setupOptions;

  @HelpSection.In(HelpSection.VOTES)
  @Option(
      names = "--sigma",
      paramLabel = "S",
      defaultValue = "0.25",
      description = "Standard deviation of the noise, on pixels in [0, 1]. Default: 0.25.")
  private double sigma;

  @HelpSection.In(HelpSection.VOTES)
  @Option(
      names = "--steps",
      paramLabel = "B",
      defaultValue = "10",
      description = "Denoise in B reverse steps. Default: 10.")
  private int steps;

  @HelpSection.In(HelpSection.VOTES)
  @Option(names = "--one-shot", description = "Denoise in one step, as Carlini et al. 2022.")
  private boolean oneShot;

  @HelpSection.In(HelpSection.COMPUTE)
  @Option(
      names = "--dtypes",
      paramLabel = "T",
      split = ",",
      description = "Precisions to time, as fp32,bf16. Default: all that the device has.")
  private List<Precision> dtypes;

  @HelpSection.In(HelpSection.COMPUTE)
  @Option(
      names = "--batches",
      paramLabel = "N",
      split = ",",
      description =
          "Copies at once on a GPU, as 64,256. Default: what certify would take. A CPU's threads"
              + " always take the same.")
  private List<Integer> batches;

  @HelpSection.In(HelpSection.IMAGES)
  @Option(
      names = "--images",
      paramLabel = "I",
      defaultValue = "500",
      description = "Images of the run whose time is estimated. Default: 500, as in the paper.")
  private int images;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = {"--n0", "--N0"},
      paramLabel = "N0",
      defaultValue = "100",
      description = "Its noisy copies that pick the class. Default: 100.")
  private int n0;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = {"--n", "--N"},
      paramLabel = "N",
      defaultValue = "100000",
      description = "Its noisy copies that bound the probability. Default: 100000.")
  private int n;

  @HelpSection.In(HelpSection.VOTES)
  @Option(
      names = "--votes",
      paramLabel = "K",
      defaultValue = "1",
      description = "Its denoisings of each noisy copy. Default: 1.")
  private int votes;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(names = "--json", description = "Print the figures as one JSON object.")
  private boolean json;

  @Mixin private DeviceOptions deviceOptions;

  /** A precision, and how fast the device is in it with some batch size. */
  private record Row(Precision dtype, CertifyEstimate.Speed speed) {
    double copiesPerSecond() {
      return speed.lanesPerSecond();
    }
  }

  @Override
  public Integer call() {
    long copies = (long) new SamplingPlan(n0, n, votes).lanes() * requireImages();
    requireBatches();
    ReverseMode mode = oneShot ? new ReverseMode.OneShot(0) : new ReverseMode.Steps(steps);
    Setup setup = setupOptions.load();
    try (Devices devices = Backends.openAll(deviceOptions.backend, null, deviceOptions.threads())) {
      Device device = devices.all().get(0);
      System.err.println("Device: " + device.description());
      List<Row> rows = new ArrayList<>();
      for (Precision dtype : dtypes == null ? supported(device) : dtypes) {
        for (int batch : batches == null || isCpu(device) ? List.of(0) : batches) {
          rows.add(time(devices, setup, mode, dtype, batch));
        }
      }
      Row best = rows.stream().max(Comparator.comparingDouble(Row::copiesPerSecond)).orElseThrow();
      if (json) {
        System.out.println(toJson(device, mode, rows, copies, best).toPrettyString());
      } else {
        print(mode, rows, copies, best, System.out);
      }
    }
    return 0;
  }

  /** Whose threads always take the same batch. */
  private static boolean isCpu(Device device) {
    return device.memoryPlanner().isEmpty();
  }

  private int requireImages() {
    if (images < 1) {
      throw InputException.of("--images must be at least 1, not %d", images);
    }
    return images;
  }

  private void requireBatches() {
    for (int batch : batches == null ? List.<Integer>of() : batches) {
      if (batch < 1) {
        throw InputException.of("--batches: a batch must be at least 1, not %d", batch);
      }
    }
  }

  private static List<Precision> supported(Device device) {
    return Stream.of(Precision.values())
        .filter(p -> Backends.dtypes(device).contains(p.dtype))
        .toList();
  }

  private Row time(Devices devices, Setup setup, ReverseMode mode, Precision dtype, int batch) {
    CertifyRequest request =
        new CertifyRequest(
            setupOptions.classifier(),
            mode,
            List.of(0),
            new SmoothingNoise(sigma, 0, List.of(0L)),
            new CertifyRequest.Sampling(new SamplingPlan(n0, n, 1), Guarantee.FIXED, 0.001, true),
            new Execution(batch, dtype.dtype),
            CertifyRequest.Output.table(Path.of("unused")));
    return new Row(dtype, CertifyEstimate.of(devices, setup, request).devices().get(0));
  }

  private int denoisings() {
    return oneShot ? 1 : steps;
  }

  private void print(ReverseMode mode, List<Row> rows, long copies, Row best, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%s, sigma %s: each copy is %d pass%s of the diffusion model and one of the classifier%n%n",
        MethodNames.of(mode, 1),
        sigma,
        denoisings(),
        denoisings() == 1 ? "" : "es");
    out.printf("%-6s %6s %10s %10s %12s%n", "dtype", "batch", "ms/copy", "copies/s", "diffusion/s");
    for (Row row : rows) {
      out.printf(
          Locale.ROOT,
          "%-6s %6d %10.2f %10.1f %12.1f%n",
          row.dtype,
          row.speed.batch(),
          1e3 / row.copiesPerSecond(),
          row.copiesPerSecond(),
          row.copiesPerSecond() * denoisings());
    }
    Duration time = Duration.ofSeconds((long) Math.ceil(copies / best.copiesPerSecond()));
    out.printf(
        Locale.ROOT,
        "%n%d image%s with N0 %,d, N %,d and %d vote%s: %,d copies, about %s at most with --dtype"
            + " %s%s%n",
        images,
        images == 1 ? "" : "s",
        n0,
        n,
        votes,
        votes == 1 ? "" : "s",
        copies,
        ProgressReporter.text(time),
        best.dtype,
        best.speed.bytes() == 0 ? "" : " --batch " + best.speed.batch());
  }

  private ObjectNode toJson(
      Device device, ReverseMode mode, List<Row> rows, long copies, Row best) {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    all.put("device", device.description())
        .put("method", MethodNames.of(mode, 1))
        .put("sigma", sigma)
        .put("denoisings_per_copy", denoisings());
    for (Row row : rows) {
      all.withArray("speeds")
          .addObject()
          .put("dtype", row.dtype.name())
          .put("batch", row.speed.batch())
          .put("copies_per_second", row.copiesPerSecond());
    }
    all.putObject("run")
        .put("images", images)
        .put("n0", n0)
        .put("n", n)
        .put("votes", votes)
        .put("copies", copies)
        .put("dtype", best.dtype.name())
        .put("batch", best.speed.batch())
        .put("seconds_at_most", copies / best.copiesPerSecond());
    return all;
  }
}
