package io.densepure.certify;

import io.densepure.InputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The votes in a run's journal, to be certified again. Reads the file only. */
public final class JournalVotes implements AutoCloseable {
  private final Path file;
  private final RunRecord run;
  private final Map<Integer, Integer> labels = new LinkedHashMap<>();

  private JournalVotes(Path file, RunRecord run) {
    this.file = file;
    this.run = run;
    run.images().forEach(image -> labels.put(image.index(), image.label()));
  }

  /**
   * @throws InputException naming the file and what is wrong with it
   */
  public static JournalVotes open(Path file) {
    return new JournalVotes(file, RunRecord.open(file));
  }

  /** Noise that the votes were cast under. */
  public double sigma() {
    return run.header().sigma();
  }

  /** The failure probability that the run was certified with. */
  public double alpha() {
    return run.header().alpha();
  }

  /** How the run's certificates came about. */
  public Guarantee guarantee() {
    return run.header().guarantee();
  }

  /** N0, N and the number of votes of the run. */
  public SamplingPlan plan() {
    return run.header().plan();
  }

  /** The reverse seed of each vote; 0, 1 … where nothing was denoised. */
  public List<Long> reverseSeeds() {
    List<Long> listed = run.header().reverseSeeds();
    return listed.isEmpty() ? LongStream.range(0, plan().votes()).boxed().toList() : listed;
  }

  /**
   * The numbers of some votes.
   *
   * @param reverseSeeds in the order in which they break ties
   * @throws InputException if the run has no such seed
   */
  public List<Integer> votes(List<Long> reverseSeeds) {
    List<Long> mine = reverseSeeds();
    return reverseSeeds.stream()
        .map(
            seed -> {
              if (!mine.contains(seed)) {
                throw InputException.of(
                    "%s: has no votes of reverse seed %d; it has %s", file, seed, mine);
              }
              return mine.indexOf(seed);
            })
        .toList();
  }

  /**
   * The numbers of the first votes.
   *
   * @throws InputException if the run has fewer
   */
  public List<Integer> votes(int count) {
    if (count < 1 || count > plan().votes()) {
      throw InputException.of(
          "%s: %d votes over each copy are wanted, but it has %d", file, count, plan().votes());
    }
    return IntStream.range(0, count).boxed().toList();
  }

  /** The images whose votes are all in, in the order of the journal. */
  public List<Integer> images() {
    return List.copyOf(labels.keySet());
  }

  /**
   * Certifies a part of an image's votes.
   *
   * @throws InputException if the image is not among the finished ones
   */
  public OfflineCertificate certify(int image, VoteSubset part, OfflineCertifier certifier) {
    VoteBoard all = run.votes(image);
    return certifier.certify(part.of(all), labels.get(image));
  }

  @Override
  public void close() {
    run.close();
  }
}
