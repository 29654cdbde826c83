package io.densepure.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.densepure.pipeline.CertifyEstimate;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.Setup;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** What a run would cost, instead of the run. */
@HelpSection.In(HelpSection.COMPUTE)
final class EstimateOptions {
  @Option(
      names = "--estimate",
      description =
          "Say what the run would cost at most (forward passes, time by a few timed batches, GPU"
              + " memory) and end, without writing anything.")
  boolean asked;

  /** Estimates each of the requests and prints what comes out. */
  void print(
      Devices devices, Setup setup, List<CertifyRequest> requests, boolean json, PrintStream out) {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    for (CertifyRequest request : requests) {
      CertifyEstimate estimate = CertifyEstimate.of(devices, setup, request);
      if (json) {
        all.withArray("estimates").add(toJson(request, estimate));
      } else {
        printText(request, estimate, out);
      }
    }
    if (json) {
      out.println(all.toPrettyString());
    } else {
      out.println(
          "No more than that: votes and images that end early save a part that depends on the"
              + " votes, and is not known before.");
    }
  }

  private static void printText(CertifyRequest r, CertifyEstimate estimate, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%s: %d images of %s, sigma %s, N0 %d, N %d, %d vote%s: %,d lanes%n",
        MethodNames.of(r),
        r.images().size(),
        estimate.data(),
        r.sigma(),
        r.plan().n0(),
        r.plan().n(),
        r.plan().votes(),
        r.plan().votes() == 1 ? "" : "s",
        estimate.lanes());
    if (r.sharding() != null) {
      out.printf("  shard %s: %s%n", r.sharding().shard(), r.workload().range());
    }
    out.printf(
        Locale.ROOT,
        "  forward passes: %,d of the diffusion model, %,d of the classifier%n",
        estimate.denoisings(),
        estimate.classifications());
    for (CertifyEstimate.Speed device : estimate.devices()) {
      out.printf(
          Locale.ROOT,
          "  %s: batch %d, %.3f s each, %.1f lanes/s%s%n",
          device.device(),
          device.batch(),
          device.secondsPerBatch(),
          device.lanesPerSecond(),
          memory(device));
    }
    Duration time = Duration.ofSeconds((long) Math.ceil(estimate.secondsAtMost()));
    out.printf("  time: about %s at most%n", ProgressReporter.text(time));
  }

  private static String memory(CertifyEstimate.Speed device) {
    return device.bytes() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            ", memory %.2f of %.2f GiB free",
            device.bytes() / 0x1p30,
            device.freeBytes() / 0x1p30);
  }

  private static ObjectNode toJson(CertifyRequest r, CertifyEstimate estimate) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("method", MethodNames.of(r))
        .put("images", r.images().size())
        .put("n0", r.plan().n0())
        .put("n", r.plan().n())
        .put("votes", r.plan().votes())
        .put("lanes", estimate.lanes())
        .put("denoiser_forwards", estimate.denoisings())
        .put("classifier_forwards", estimate.classifications())
        .put("seconds_at_most", estimate.secondsAtMost());
    for (CertifyEstimate.Speed device : estimate.devices()) {
      ObjectNode entry =
          node.withArray("devices")
              .addObject()
              .put("device", device.device())
              .put("batch", device.batch())
              .put("seconds_per_batch", device.secondsPerBatch())
              .put("lanes_per_second", device.lanesPerSecond());
      if (device.bytes() > 0) {
        entry.put("bytes_needed", device.bytes()).put("bytes_free", device.freeBytes());
      }
    }
    return node;
  }
}
