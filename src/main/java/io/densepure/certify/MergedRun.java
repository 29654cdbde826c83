package io.densepure.certify;

import io.densepure.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * The files that a run would have written had it not been done in shards. They are written as a run
 * writes them: a merge that ends early goes on when it is started again.
 */
public final class MergedRun {
  private final ShardMerge shards;
  private final Path table;
  private final VoteSaving votes;

  /**
   * @param table where the table goes, and the journal beside it
   * @param votesPrefix what the paths of vote files begin with, or null for what the shards had
   * @throws InputException if the shards had vote files elsewhere than here and below the table's
   *     folder: what is read from a file does not choose where files are written
   */
  public MergedRun(ShardMerge shards, Path table, String votesPrefix) {
    this.shards = shards;
    this.table = table;
    this.votes = votesPrefix == null ? asShards() : elsewhere(votesPrefix);
  }

  private VoteSaving asShards() {
    VoteSaving saved = shards.note().votes();
    if (saved == null || saved.files().prefix().equals(VoteFiles.USUAL_PREFIX)) {
      return saved;
    }
    String prefix = saved.files().prefix();
    Path first = absolute(saved.files().path(0, 0, Lane.Phase.SELECTION));
    Path here = absolute(Path.of(""));
    Path beside = absolute(table).getParent();
    if (!first.startsWith(here) && !first.startsWith(beside)) {
      throw InputException.of(
          "the shards' vote files begin with %s, which is neither below this folder nor below %s; if"
              + " they are to go there, give --predictions_path",
          InputException.quote(prefix), beside);
    }
    return saved;
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  private VoteSaving elsewhere(String prefix) {
    VoteSaving saved = shards.note().votes();
    VoteFiles files = new VoteFiles(prefix);
    return saved == null
        ? VoteSaving.each(files, shards.note().reverseSeeds())
        : new VoteSaving(files, saved.reverseSeeds(), saved.majority());
  }

  public Path table() {
    return table;
  }

  /** From how many shards it comes. */
  public int shards() {
    return shards.shards();
  }

  /** Lanes of each image. */
  public int lanesPerImage() {
    return shards.header().plan().lanes();
  }

  /** Where the journal of a run is that writes {@code table}. */
  public static Path journal(Path table) {
    return table.resolveSibling(table.getFileName() + ".run.jsonl");
  }

  /**
   * Writes table, journal and, if any shard was to, vote files.
   *
   * @return the results, in the order of the table
   * @throws InputException if a file cannot be written or the journal is that of another run
   */
  public List<CertifiedImage> write() {
    Workload workload = new Workload(shards.images(), shards.header().plan(), null);
    try (RunJournal journal = RunJournal.open(journal(table), shards.header());
        ResultFiles files = new ResultFiles(table, votes)) {
      ResultRecorder recorder =
          new ResultRecorder(journal, workload, certificates(), shards::label, files);
      recorder.remaining().forEach(image -> recorder.imageDone(shards.votes(image)));
      return List.copyOf(recorder.results());
    }
  }

  private Function<VoteBoard, Certificate> certificates() {
    RunHeader header = shards.header();
    VoteCertifier certifier = new VoteCertifier(header.sigma(), header.alpha());
    boolean exhaustive = header.config().path("voting").asText().equals("exhaustive");
    return header.guarantee().certificates(certifier, header.plan().n(), exhaustive);
  }
}
