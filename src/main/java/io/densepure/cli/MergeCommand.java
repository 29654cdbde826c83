package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.MergeInputs;
import io.densepure.certify.MergeResults;
import io.densepure.certify.OfflineCertificate;
import io.densepure.certify.PythonFormat;
import io.densepure.certify.VoteCertifier;
import io.densepure.certify.VoteFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code merge}: votes of several reverse seeds to certificates ({@code merge_results.py}). */
@Command(
    name = "merge",
    sortOptions = false,
    description = {
      "Merge the vote files of several reverse seeds: majority per noisy copy, then the"
          + " certificate. Takes the flags of the original's merge_results.py; alone they find the"
          + " files of its run scripts, in results/ or in the folder above it.",
      "With --shards: join the shards of a run on several machines."
    },
    footer = {
      "",
      "Examples:",
      "  densepure merge --dir results --sigma 0.25 --steps 10 --votes 40",
      "  densepure merge --shards results/run_diffpure.shard-*.run.jsonl"
    })
final class MergeCommand implements Callable<Integer> {
  @HelpSection.In(HelpSection.IMAGES)
  @Option(
      names = "--sample_num",
      paramLabel = "M",
      description = "Merge the first M of these images. Default: all.")
  private Integer sampleNum;

  @HelpSection.In(HelpSection.VOTES)
  @Option(
      names = {"--majority_vote_num", "--votes"},
      paramLabel = "K",
      defaultValue = "10",
      description = "Merge reverse seeds 0 to K-1. Default: ${DEFAULT-VALUE}.")
  private int votes;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = {"--n0", "--N0"},
      paramLabel = "N0",
      defaultValue = "100",
      description = "Noisy copies that pick the class. Default: ${DEFAULT-VALUE}.")
  private int n0;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = {"--n", "--N"},
      paramLabel = "N",
      defaultValue = "100000",
      description = "Noisy copies that bound its probability. Default: ${DEFAULT-VALUE}.")
  private int n;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = "--sigma",
      paramLabel = "SIGMA",
      defaultValue = "0.25",
      description = "Standard deviation of the smoothing noise. Default: ${DEFAULT-VALUE}.")
  private double sigma;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = "--alpha",
      paramLabel = "ALPHA",
      defaultValue = "0.001",
      description =
          "Probability that a certificate may be wrong. Default: ${DEFAULT-VALUE}, as in the"
              + " original.")
  private double alpha;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = {"--classes_num", "--classes"},
      paramLabel = "C",
      defaultValue = "10",
      description = "Number of classes. Default: ${DEFAULT-VALUE}.")
  private int classes;

  @HelpSection.In(HelpSection.FILES)
  @Option(
      names = {"--datasets", "--dataset"},
      paramLabel = "NAME",
      defaultValue = "cifar10",
      description = "Data set, as in the files' names. Default: ${DEFAULT-VALUE}.")
  private String dataset;

  @HelpSection.In(HelpSection.FILES)
  @Option(
      names = "--steps",
      paramLabel = "B",
      defaultValue = "2",
      description = "Reverse steps, as in the tables' names. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(
      names = "--results_file",
      paramLabel = "NAME",
      defaultValue = "merge_results.txt",
      description = "Writes DIR/DATASET_SIGMA_NAME. Default: ${DEFAULT-VALUE}.")
  private String resultsFile;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write the merged table here instead.")
  private Path out;

  @HelpSection.In(HelpSection.FILES)
  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where to look for the files. Default: the working directory.")
  private Path dir;

  @Mixin private ShardMergeOptions shards;

  @Mixin private OfflineOptions given;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (shards.isGiven()) {
      shards.merge(out, given.votesPrefix, given.json);
      return 0;
    }
    VoteCertifier certifier = new VoteCertifier(sigma, alpha);
    List<Long> seeds = seeds();
    MergeInputs inputs = new MergeInputs(dir, dataset, sigma, steps);
    Map<Integer, Integer> known =
        given.labels == null ? inputs.labels(seeds, n0, n) : MergeInputs.labels(given.labels);
    List<Integer> images = images(known);
    VoteFiles files =
        given.votesPrefix == null
            ? inputs.voteFiles(images.get(0), seeds.get(0))
            : new VoteFiles(given.votesPrefix);
    MergeResults merge = new MergeResults(files, seeds, n0, n, classes, certifier);
    List<OfflineCertificate> merged = new ArrayList<>();
    for (int image : images) {
      merged.add(merge.merge(image, known.get(image)));
    }
    OfflineTable results =
        new OfflineTable("merged from %d reverse seeds".formatted(seeds.size()), n, merged);
    Path table = table();
    results.write(table);
    results.print(spec.commandLine().getOut(), table, given.json);
    return 0;
  }

  private List<Long> seeds() {
    if (given.reverseSeeds != null) {
      return given.reverseSeeds;
    }
    if (votes < 1) {
      throw InputException.of("--majority_vote_num: must be at least 1, not %d", votes);
    }
    return LongStream.range(0, votes).boxed().toList();
  }

  private List<Integer> images(Map<Integer, Integer> known) {
    List<Integer> all = given.ids == null ? List.copyOf(known.keySet()) : given.ids;
    int count = sampleNum == null ? all.size() : sampleNum;
    if (count < 1 || count > all.size()) {
      throw InputException.of("--sample_num: must be 1 to %d, the images there are", all.size());
    }
    List<Integer> images = all.subList(0, count);
    for (int image : images) {
      if (!known.containsKey(image)) {
        throw InputException.of("--sample_id_list: image %d is not in the table of labels", image);
      }
    }
    return images;
  }

  private Path table() {
    return out != null
        ? out
        : dir.resolve(dataset + "_" + PythonFormat.repr(sigma) + "_" + resultsFile);
  }
}
