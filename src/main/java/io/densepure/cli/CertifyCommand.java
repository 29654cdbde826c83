package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.CertifiedImage;
import io.densepure.certify.SamplingPlan;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.CertifyRequest;
import io.densepure.pipeline.Devices;
import io.densepure.pipeline.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
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
      "  densepure certify --config cifar10 --sigma 0.25 --N 100000 --skip 20 --one-shot \\",
      "      --outfile results/cifar10-0.25",
      "  densepure certify --domain imagenet --data /data/imagenet --sigma 0.5 --N 10000 \\",
      "      --skip 500 --steps 10 --votes 40 --skip-bad",
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

  private static final int ALL = -1;

  @Mixin private SetupOptions setupOptions;
  @Mixin private SmoothingOptions smoothing;
  @Mixin private ConfidenceOptions confidence;

  @Option(
      names = {"--n0", "--N0"},
      paramLabel = "N0",
      defaultValue = "100",
      description = "Noisy copies that pick the class. Default: 100.")
  private int n0;

  @Option(
      names = {"--n", "--N"},
      paramLabel = "N",
      defaultValue = "5000",
      description = "Noisy copies that bound its probability. Default: 5000.")
  private int n;

  @Option(
      names = {"--mode", "--certify_mode"},
      paramLabel = "MODE",
      defaultValue = "purify",
      description =
          "purify (denoise and classify), base (the bare classifier under smoothing) or both."
              + " Default: purify.")
  private Mode mode;

  @Option(
      names = {"--ids", "--sample_id"},
      paramLabel = "I",
      arity = "1..*",
      split = ",",
      description = "Images by index, in this order.")
  private List<Integer> ids;

  @Option(names = "--use_id", description = "Take --sample_id (so it is whenever that is given).")
  private boolean useId;

  @Option(
      names = "--skip",
      paramLabel = "S",
      defaultValue = "100",
      description = "Without --ids: every S-th image. Default: 100.")
  private int skip;

  @Option(
      names = "--max",
      paramLabel = "M",
      defaultValue = "-1",
      description =
          "Without --ids: stop at image index M if that is one of the S-th ones (as the original)."
              + " Default: -1, go to the end.")
  private int max;

  @Option(
      names = {"--out", "--outfile"},
      paramLabel = "FILE",
      defaultValue = "results/test5000",
      description =
          "Table of results; '_diffpure' is added for purified runs, as in the original. The"
              + " run's journal is kept beside it. Default: results/test5000.")
  private Path outfile;

  @Option(
      names = {"--save-votes", "--save_predictions"},
      description = "Also write the original's .npy files, two per image and reverse seed.")
  private boolean saveVotes;

  @Option(
      names = {"--votes-prefix", "--predictions_path"},
      paramLabel = "PREFIX",
      defaultValue = "../npy",
      description = "What their paths begin with. Default: ../npy.")
  private String votesPrefix;

  @Option(
      names = "--exhaustive",
      description =
          "Cast every vote. By default those that cannot change a prediction or radius are left"
              + " out, and images that will abstain anyway are cut short.")
  private boolean exhaustive;

  @Option(
      names = {"--early-votes", "--early-vote"},
      description =
          "Leave votes out with --save-votes, too, which otherwise casts them all; they are -1 in"
              + " the files.")
  private boolean earlyVotes;

  @Option(
      names = "--skip-bad",
      description =
          "Leave images out whose files are missing or damaged, and say so. By default the first"
              + " one ends the run.")
  private boolean skipBad;

  @Option(names = "--restart", description = "Forget an earlier run with the same --out.")
  private boolean restart;

  @Option(names = "--json", description = "Print the results as one JSON object.")
  private boolean json;

  @Mixin private SharedComputeOptions compute;

  @Override
  public Integer call() throws IOException {
    if (useId && ids == null) {
      throw new InputException("--use_id needs --sample_id with the images' indices");
    }
    SamplingPlan plan = new SamplingPlan(n0, n, smoothing.votes);
    ReverseMode denoising = mode == Mode.base ? null : smoothing.mode();
    Setup setup = setupOptions.load();
    List<Integer> images = images(setup.dataset().size());
    try (Devices devices = compute.open()) {
      CertifySession session = new CertifySession(devices, setup, json);
      if (mode != Mode.purify) {
        run(session, request(images, new SamplingPlan(n0, n, 1), null, outfile));
      }
      if (mode != Mode.base) {
        Path purified = outfile.resolveSibling(outfile.getFileName() + "_diffpure");
        run(session, request(images, plan, denoising, purified));
      }
      session.print();
    }
    return 0;
  }

  private List<CertifiedImage> run(CertifySession session, CertifyRequest request)
      throws IOException {
    if (restart) {
      Files.deleteIfExists(request.journal());
    }
    return session.run(request);
  }

  private CertifyRequest request(
      List<Integer> images, SamplingPlan plan, ReverseMode denoising, Path table) {
    return new CertifyRequest(
        setupOptions.classifier(),
        denoising,
        images,
        plan,
        smoothing.sigma,
        confidence.alpha,
        smoothing.seed,
        LongStream.range(0, plan.votes()).mapToObj(k -> smoothing.reverseSeed + k).toList(),
        smoothing.batch,
        compute.dtype(),
        table,
        saveVotes ? votesPrefix : null,
        exhaustive || saveVotes && !earlyVotes,
        skipBad);
  }

  /** As the original: every skip-th index, until one equals max. */
  private List<Integer> images(int size) {
    if (ids != null) {
      return ids;
    }
    if (skip < 1) {
      throw InputException.of("--skip must be at least 1, not %d", skip);
    }
    if (max < ALL) {
      throw InputException.of("--max must be -1 or an image index, not %d", max);
    }
    List<Integer> chosen = new ArrayList<>();
    for (int i = 0; i < size && i != max; i += skip) {
      chosen.add(i);
    }
    return chosen;
  }
}
