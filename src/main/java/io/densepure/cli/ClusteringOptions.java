package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.VoteFiles;
import io.densepure.certify.VoteSaving;
import io.densepure.diffusion.ReverseMode;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.LongStream;
import picocli.CommandLine.Option;

/**
 * The original's votes within one noisy copy, which are {@code --votes} by another name: a cluster
 * of M under reverse seed r takes the reverse seeds r·M to r·M + M - 1, and its majority is saved
 * as the vote of r.
 */
@HelpSection.In(HelpSection.ORIGINAL)
final class ClusteringOptions {
  /** How the original counts a cluster. */
  enum Method {
    none,
    classifier
  }

  private static final int BATCH = 100;

  @Option(
      names = "--use_clustering",
      description =
          "Denoise each noisy copy --clustering_batch times and take the majority: as --votes, but"
              + " the vote files hold the majority.")
  private boolean useClustering;

  @Option(
      names = "--clustering_batch",
      paramLabel = "M",
      description = "Denoisings with --use_clustering. Default: 100.")
  private Integer batch;

  @Option(
      names = "--clustering_method",
      paramLabel = "HOW",
      description =
          "classifier or none. The majority is taken either way; the original's classifier writes"
              + " empty vote files, its none takes every denoising for a noisy copy.")
  private Method method;

  /**
   * The reverse seed of every vote that a purified run takes.
   *
   * @throws InputException if the options contradict each other
   */
  List<Long> reverseSeeds(SmoothingOptions smoothing, ReverseMode denoising) {
    if (!useClustering) {
      return seeds(smoothing.reverseSeed, smoothing.votes);
    }
    if (smoothing.votes > 1) {
      throw new InputException(
          "--votes and --use_clustering are two names for votes over each noisy copy; give one");
    }
    if (size() < 1) {
      throw InputException.of("--clustering_batch must be at least 1, not %d", size());
    }
    try {
      boolean allAlike = denoising instanceof ReverseMode.OneShot;
      long first = Math.multiplyExact(smoothing.reverseSeed, (long) size());
      return seeds(first, allAlike ? 1 : size());
    } catch (ArithmeticException e) {
      throw new InputException("--reverse_seed: is too large for --use_clustering", e);
    }
  }

  private static List<Long> seeds(long first, int count) {
    return LongStream.range(0, count).mapToObj(k -> first + k).toList();
  }

  private int size() {
    return batch == null ? BATCH : batch;
  }

  /** How such votes are saved under a run's {@code reverseSeed}. */
  VoteSaving saving(VoteFiles files, List<Long> reverseSeeds, long reverseSeed) {
    return useClustering
        ? VoteSaving.majority(files, reverseSeed)
        : VoteSaving.each(files, reverseSeeds);
  }

  /** Says what differs from the original, and which of the given flags have no effect. */
  void sayWhatDiffers(PrintStream err, ReverseMode denoising) {
    if (!useClustering) {
      if (batch != null || method != null) {
        err.println(
            "Without effect for want of --use_clustering: --clustering_batch, --clustering_method");
      }
    } else if (denoising instanceof ReverseMode.OneShot) {
      err.println(
          "--use_clustering: one-shot denoising uses no randomness, one vote stands for all");
    } else if (method != Method.classifier) {
      err.println(
          "--use_clustering: takes the majority of each noisy copy, as with --clustering_method"
              + " classifier; the original without it counts every denoising as a noisy copy");
    }
  }
}
