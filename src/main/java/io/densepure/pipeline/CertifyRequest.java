package io.densepure.pipeline;

import io.densepure.InputException;
import io.densepure.certify.Guarantee;
import io.densepure.certify.MergedRun;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteSaving;
import io.densepure.certify.Workload;
import io.densepure.compute.DType;
import io.densepure.diffusion.ReverseMode;
import java.nio.file.Path;
import java.util.List;

/**
 * One certification run.
 *
 * @param classifier the classifier's name in the configuration, or null for its first one
 * @param denoising how noisy images are denoised; null for the bare classifier under smoothing
 * @param images indices in the data set, in the order of the results
 * @param plan N0, N and the number of votes
 * @param guarantee how the certificates come about
 * @param sigma noise on images in [0, 1]
 * @param alpha probability that a certificate may be wrong
 * @param seed of the smoothing noise
 * @param reverseSeeds of the reverse process, one per vote
 * @param batch lanes computed at once, or 0 to choose; results do not depend on it
 * @param dtype precision inside the networks
 * @param outfile the table of results; the journal {@code <outfile>.run.jsonl} is kept beside it
 * @param votes how votes are saved, or null for not at all
 * @param exhaustive every vote is cast, also those that cannot change a prediction or radius
 * @param skipBad leave images out whose files are missing or damaged, instead of giving up
 * @param sharding which shard of the run this is, or null for all of it
 */
public record CertifyRequest(
    String classifier,
    ReverseMode denoising,
    List<Integer> images,
    SamplingPlan plan,
    Guarantee guarantee,
    double sigma,
    double alpha,
    long seed,
    List<Long> reverseSeeds,
    int batch,
    DType dtype,
    Path outfile,
    VoteSaving votes,
    boolean exhaustive,
    boolean skipBad,
    ShardRequest sharding) {
  private static final int MAX_BATCH = 1 << 16;

  public CertifyRequest {
    images = List.copyOf(images);
    reverseSeeds = List.copyOf(reverseSeeds);
    if (images.isEmpty()) {
      throw new InputException("no image is selected; see --ids, --skip and --max");
    }
    if (batch < 0 || batch > MAX_BATCH) {
      throw InputException.of("the batch must be 1 to %d, not %d", MAX_BATCH, batch);
    }
    if (reverseSeeds.size() != plan.votes()) {
      throw new IllegalArgumentException("one reverse seed per vote");
    }
  }

  /** The journal that makes the run resumable. */
  public Path journal() {
    return MergedRun.journal(outfile);
  }

  /** The images and lanes of the run or its shard. */
  public Workload workload() {
    return new Workload(images, plan, sharding == null ? null : sharding.shard());
  }

  /** Lanes of the run or its shard. */
  public long lanes() {
    return workload().lanes();
  }
}
