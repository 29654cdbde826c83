package io.densepure.cli;

import io.densepure.certify.CertifiedImage;
import io.densepure.certify.Guarantee;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteFiles;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.Execution;
import io.densepure.pipeline.LaneEngine;
import io.densepure.pipeline.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code certify}: what the original's eval_certified_densepure.py does. */
@Command(
    name = "certify",
    sortOptions = false,
    description =
        "Certify images: each one's prediction and L2 radius, right with probability 1 - alpha.",
    footer = {
      "",
      "Examples:",
      "  densepure certify --ids 0 1 2 --sigma 0.25 --n 500 --steps 3 --votes 3",
      "  densepure certify --config cifar10 --sigma 0.25 --n 100000 --skip 20 \\",
      "      --one-shot --out results/cifar10-0.25",
      "  densepure certify --domain imagenet --data /data/imagenet --sigma 0.5 \\",
      "      --n 10000 --skip 500 --steps 10 --votes 40 --skip-bad",
      "",
      "An interrupted run goes on when the same command is given again."
    })
final class CertifyCommand implements Callable<Integer> {
  /** Which of the two systems the original certifies. */
  enum Mode {
    purify,
    base,
    both
  }

  @Mixin private ImageOptions images;
  @Mixin private SetupOptions setupOptions;
  @Mixin private SmoothingOptions smoothing;
  @Mixin private ConfidenceOptions confidence;
  @Mixin private ShardOptions sharding;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = {"--n0", "--N0"},
      paramLabel = "N0",
      defaultValue = "100",
      description = "Noisy copies that pick the class. Default: 100.")
  private int n0;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = {"--n", "--N"},
      paramLabel = "N",
      defaultValue = "5000",
      description = "Noisy copies that bound its probability. Default: 5000.")
  private int n;

  @Mixin private SamplingOptions sampling;

  @HelpSection.In(HelpSection.VOTES)
  @Option(
      names = {"--mode", "--certify_mode"},
      paramLabel = "MODE",
      defaultValue = "purify",
      description =
          "purify (denoise and classify), base (the bare classifier under smoothing) or both."
              + " Default: purify.")
  private Mode mode;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(
      names = {"--out", "--outfile"},
      paramLabel = "FILE",
      defaultValue = "results/test5000",
      description =
          "Table of results; '_diffpure' is added for purified runs, as in the original. The"
              + " run's journal is kept beside it. Default: results/test5000.")
  private Path outfile;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(
      names = {"--save-votes", "--save_predictions"},
      description = "Also write the original's .npy files, two per image and reverse seed.")
  private boolean saveVotes;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(
      names = {"--votes-prefix", "--predictions_path"},
      paramLabel = "PREFIX",
      defaultValue = VoteFiles.USUAL_PREFIX,
      description = "What their paths begin with. Default: ../npy.")
  private String votesPrefix;

  @HelpSection.In(HelpSection.VOTES)
  @Option(
      names = "--exhaustive",
      description =
          "Cast every vote. By default those that cannot change a prediction or radius are left"
              + " out, and images that will abstain anyway are cut short.")
  private boolean exhaustive;

  @HelpSection.In(HelpSection.VOTES)
  @Option(
      names = {"--early-votes", "--early-vote"},
      description =
          "Leave votes out with --save-votes, too, which otherwise casts them all; they are -1 in"
              + " the files.")
  private boolean earlyVotes;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(names = "--restart", description = "Forget an earlier run with the same --out.")
  private boolean restart;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(names = "--json", description = "Print the results as one JSON object.")
  private boolean json;

  @Mixin private SharedComputeOptions compute;
  @Mixin private EngineOptions engines;
  @Mixin private EstimateOptions estimate;
  @Mixin private ClusteringOptions clustering;
  @Mixin private ReportOptions report;
  @Mixin private OriginalOptions original;

  @Override
  public Integer call() throws IOException {
    ReverseMode denoising = mode == Mode.base ? null : smoothing.mode();
    List<Long> seeds = clustering.reverseSeeds(smoothing, denoising);
    new SamplingPlan(n0, n, seeds.size()); // checks them before anything is opened
    original.check();
    report.check();
    engines.check(estimate.asked, report.takesPictures());
    Setup setup = setupOptions.load();
    List<CertifyRequest> requests = requests(images.of(setup.dataset().size()), seeds, denoising);
    if (estimate.asked) {
      try (Devices devices = compute.open()) {
        estimate.print(devices, setup, requests, json, System.out);
        return 0;
      }
    }
    try (LaneEngine engine = engines.open(compute);
        RunLog log = RunLog.open(original.log(smoothing.seed), "densepure certify")) {
      original.sayWhatHasNoEffect(log.err());
      clustering.sayWhatDiffers(log.err(), denoising);
      CertifySession session = new CertifySession(engine, setup, json, log);
      for (CertifyRequest request : requests) {
        run(session, request);
      }
      report.write(outfile, session.tables(), log.err());
      session.print();
    }
    return 0;
  }

  /** A request for each of the systems, the bare one first. */
  private List<CertifyRequest> requests(
      List<Integer> chosen, List<Long> seeds, ReverseMode denoising) {
    List<CertifyRequest> requests = new ArrayList<>();
    if (mode != Mode.purify) {
      requests.add(request(chosen, List.of(smoothing.reverseSeed), null, outfile));
    }
    if (mode != Mode.base) {
      Path purified = outfile.resolveSibling(outfile.getFileName() + "_diffpure");
      requests.add(request(chosen, seeds, denoising, purified));
    }
    return requests;
  }

  private List<CertifiedImage> run(CertifySession session, CertifyRequest request)
      throws IOException {
    if (restart) {
      Files.deleteIfExists(request.journal());
    }
    return session.run(request, report.inspector(request));
  }

  private CertifyRequest request(
      List<Integer> chosen, List<Long> seeds, ReverseMode denoising, Path table) {
    Guarantee guarantee = sampling.guarantee();
    // As in the original, the vote files of --mode both are the purified run's.
    boolean saves = saveVotes && (denoising != null || mode == Mode.base);
    VoteFiles files = new VoteFiles(votesPrefix);
    return new CertifyRequest(
        setupOptions.classifier(),
        denoising,
        chosen,
        smoothing.noise(seeds),
        new CertifyRequest.Sampling(
            new SamplingPlan(n0, n, seeds.size()),
            guarantee,
            confidence.alpha,
            exhaustive || saveVotes && !earlyVotes && !guarantee.isAdaptive()),
        new Execution(smoothing.batch, compute.dtype()),
        new CertifyRequest.Output(
            sharding.table(table),
            saves ? clustering.saving(files, seeds, smoothing.reverseSeed) : null,
            images.skipBad,
            sharding.request()));
  }
}
