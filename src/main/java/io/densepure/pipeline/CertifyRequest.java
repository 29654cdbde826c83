package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.certify.Certificate;
import io.densepure.certify.EarlyVoting;
import io.densepure.certify.Guarantee;
import io.densepure.certify.MergedRun;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteBoard;
import io.densepure.certify.VoteCertifier;
import io.densepure.certify.VotePolicy;
import io.densepure.certify.VoteSaving;
import io.densepure.certify.Workload;
import io.densepure.compute.DType;
import io.densepure.diffusion.ReverseMode;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * One certification run.
 *
 * @param classifier the classifier's name in the configuration, or null for its first one
 * @param denoising how noisy images are denoised; null for the bare classifier under smoothing
 * @param images indices in the data set, in the order of the results
 * @param noise what is added to the images, and the reverse seeds, one per vote
 * @param sampling how many noisy copies, and what is made of their votes
 * @param execution batch and precision
 * @param output where the results go
 */
public record CertifyRequest(
    String classifier,
    ReverseMode denoising,
    List<Integer> images,
    SmoothingNoise noise,
    Sampling sampling,
    Execution execution,
    Output output) {

  /**
   * From votes to certificates.
   *
   * @param plan N0, N and the number of votes
   * @param guarantee how the certificates come about
   * @param alpha probability that a certificate may be wrong
   * @param exhaustive every vote is cast, also those that cannot change a prediction or radius
   */
  public record Sampling(SamplingPlan plan, Guarantee guarantee, double alpha, boolean exhaustive) {
    /** Batches in a wave of votes: the labels of the last wave are in when the next one begins. */
    private static final int WAVE_BATCHES = 4;

    /**
     * Which lanes of an image are run.
     *
     * @param inFlight lanes that the devices take at once
     * @throws InputException if a target radius is out of reach with N copies
     */
    VotePolicy policy(VoteCertifier certifier, int inFlight) {
      return exhaustive
          ? VotePolicy.EXHAUSTIVE
          : new EarlyVoting(guarantee.rule(certifier, plan.n()), WAVE_BATCHES * inFlight);
    }

    /** What turns the votes of an image into its certificate. */
    Function<VoteBoard, Certificate> certificates(VoteCertifier certifier) {
      return guarantee.certificates(certifier, plan.n(), exhaustive);
    }
  }

  /**
   * What a run leaves behind.
   *
   * @param table of results; the journal {@code <table>.run.jsonl} is kept beside it
   * @param votes how votes are saved, or null for not at all
   * @param skipBad leave images out whose files are missing or damaged, instead of giving up
   * @param sharding which shard of the run this is, or null for all of it
   */
  public record Output(Path table, VoteSaving votes, boolean skipBad, ShardRequest sharding) {
    /** The table and the journal of a whole run. */
    public static Output table(Path table) {
      return new Output(table, null, false, null);
    }
  }

  /**
   * @throws InputException if no image is selected
   */
  public CertifyRequest {
    images = List.copyOf(images);
    if (images.isEmpty()) {
      throw new InputException("no image is selected; see --ids, --skip and --max");
    }
    if (noise.reverseSeeds().size() != sampling.plan().votes()) {
      throw new IllegalArgumentException("one reverse seed per vote");
    }
  }

  public double sigma() {
    return noise.sigma();
  }

  public long seed() {
    return noise.seed();
  }

  public List<Long> reverseSeeds() {
    return noise.reverseSeeds();
  }

  public SamplingPlan plan() {
    return sampling.plan();
  }

  public Guarantee guarantee() {
    return sampling.guarantee();
  }

  public double alpha() {
    return sampling.alpha();
  }

  public boolean exhaustive() {
    return sampling.exhaustive();
  }

  public int batch() {
    return execution.batch();
  }

  public DType dtype() {
    return execution.dtype();
  }

  /** The table of results. */
  public Path outfile() {
    return output.table();
  }

  public VoteSaving votes() {
    return output.votes();
  }

  public boolean skipBad() {
    return output.skipBad();
  }

  public ShardRequest sharding() {
    return output.sharding();
  }

  /** The journal that makes the run resumable. */
  public Path journal() {
    return MergedRun.journal(outfile());
  }

  /** The images and lanes of the run or its shard. */
  public Workload workload() {
    return new Workload(images, plan(), sharding() == null ? null : sharding().shard());
  }

  /** Lanes of the run or its shard. */
  public long lanes() {
    return workload().lanes();
  }
}
