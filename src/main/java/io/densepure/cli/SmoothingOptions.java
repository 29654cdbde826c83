package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.diffusion.ReverseMode;
import io.densepure.pipeline.SmoothingNoise;
import java.util.List;
import picocli.CommandLine.Option;

/** Noise, denoising and votes: the flags that every command with noise shares. */
@HelpSection.In(HelpSection.VOTES)
final class SmoothingOptions {
  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = "--sigma",
      paramLabel = "S",
      defaultValue = "0.5",
      description = "Standard deviation of the noise, on pixels in [0, 1]. Default: 0.5.")
  double sigma;

  @Option(
      names = "--steps",
      paramLabel = "B",
      description = "Denoise in B reverse steps (as --use_t_steps --num_t_steps B).")
  private Integer steps;

  @HelpSection.In(HelpSection.ORIGINAL)
  @Option(names = "--use_t_steps", description = "Denoise in --num_t_steps reverse steps.")
  private boolean useTSteps;

  @HelpSection.In(HelpSection.ORIGINAL)
  @Option(
      names = "--num_t_steps",
      paramLabel = "B",
      defaultValue = "1",
      description = "Reverse steps with --use_t_steps. Default: 1.")
  private int numTSteps;

  @Option(
      names = {"--one-shot", "--use_one_step"},
      description = "Denoise in one step, as Carlini et al. 2022.")
  private boolean oneShot;

  @Option(
      names = {"--t-plus", "--t_plus"},
      paramLabel = "T",
      defaultValue = "0",
      description = "Added to the timestep of --one-shot. Default: 0.")
  private int tPlus;

  @Option(
      names = "--full-chain",
      description = "Denoise through every timestep; so it is too without any of these flags.")
  private boolean fullChain;

  @Option(
      names = "--votes",
      paramLabel = "K",
      defaultValue = "1",
      description =
          "Denoise each noisy copy K times, with the reverse seeds from --reverse_seed on, and take"
              + " the majority. Default: 1.")
  int votes;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1234",
      description = "Seed of the smoothing noise. Default: 1234.")
  long seed;

  @Option(
      names = {"--reverse-seed", "--reverse_seed"},
      paramLabel = "SEED",
      defaultValue = "0",
      description = "Seed of the reverse process, of the first vote. Default: 0.")
  long reverseSeed;

  @HelpSection.In(HelpSection.COMPUTE)
  @Option(
      names = {"--batch", "--certified_batch"},
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Noisy copies that a GPU computes at once; results do not depend on it. Default: what fits"
              + " into its memory. A CPU's threads always take 4 each (fewer of large images), so that"
              + " sums are rounded alike.")
  int batch;

  /** The noise asked for. */
  SmoothingNoise noise(List<Long> reverseSeeds) {
    return new SmoothingNoise(sigma, seed, reverseSeeds);
  }

  /** The reverse process asked for. */
  ReverseMode mode() {
    int given = (steps != null || useTSteps ? 1 : 0) + (oneShot ? 1 : 0) + (fullChain ? 1 : 0);
    if (given > 1) {
      throw new InputException(
          "--one-shot (--use_one_step), --steps (--use_t_steps) and --full-chain exclude each other");
    }
    if (votes < 1) {
      throw InputException.of("--votes must be at least 1, not %d", votes);
    }
    if (oneShot) {
      if (votes > 1) {
        throw new InputException(
            "--votes with --one-shot: one-shot denoising uses no randomness, all votes would agree");
      }
      return new ReverseMode.OneShot(tPlus);
    }
    if (steps != null || useTSteps) {
      return new ReverseMode.Steps(steps != null ? steps : numTSteps);
    }
    return new ReverseMode.Full();
  }
}
