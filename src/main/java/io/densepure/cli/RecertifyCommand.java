package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.JournalVotes;
import io.densepure.certify.Lane.Phase;
import io.densepure.certify.MergeInputs;
import io.densepure.certify.MergeResults;
import io.densepure.certify.OfflineCertificate;
import io.densepure.certify.OfflineCertifier;
import io.densepure.certify.SamplingPlan;
import io.densepure.certify.VoteCertifier;
import io.densepure.certify.VoteFiles;
import io.densepure.certify.VoteSubset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code recertify}: other certificates from votes that are there. */
@Command(
    name = "recertify",
    sortOptions = false,
    description = {
      "Certify again from votes that were cast before: at another alpha, from fewer votes over each"
          + " noisy copy or from fewer copies. Computes nothing on any device.",
      "",
      "Takes the journal of a run (FILE.run.jsonl, beside its table), or vote files, the original's"
          + " or this program's. A journal's certificates come about as the run's: by an adaptive run's"
          + " own bound, and soundly if it was --sound."
    },
    footer = {
      "",
      "Examples:",
      "  densepure recertify results/cifar10_diffpure.run.jsonl --alpha 0.01 --votes 10",
      "  densepure recertify --votes-prefix exp/cifar10/0.25- --sigma 0.25 \\",
      "      --labels results/cifar10_diffpure --votes 10 --n 10000",
      "",
      "Choose alpha, votes and copies before looking at results: the best of many certificates is"
          + " not one."
    })
final class RecertifyCommand implements Callable<Integer> {
  private static final int ANY_CLASS = Short.MAX_VALUE;
  private static final double ALPHA = 0.001;
  private static final String JOURNAL_END = ".run.jsonl";

  @Parameters(
      arity = "0..1",
      paramLabel = "JOURNAL",
      description = "Journal of a run, or the table that it is kept beside.")
  private Path journal;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = "--alpha",
      paramLabel = "A",
      description = "Probability that a certificate may be wrong. Default: the run's, or 0.001.")
  private Double alpha;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = {"--n0", "--N0"},
      paramLabel = "N0",
      description = "Take the first N0 noisy copies that pick the class. Default: all.")
  private Integer n0;

  @HelpSection.In(HelpSection.NOISE)
  @Option(
      names = {"--n", "--N"},
      paramLabel = "N",
      description = "Take the first N noisy copies that bound its probability. Default: all.")
  private Integer n;

  @HelpSection.In(HelpSection.VOTES)
  @Option(
      names = {"--votes", "--majority_vote_num"},
      paramLabel = "K",
      description = "Take the first K votes over each copy. Default: all.")
  private Integer votes;

  @HelpSection.In(HelpSection.FILES)
  @Option(
      names = "--sigma",
      paramLabel = "S",
      description = "For vote files: the noise that they were made with.")
  private Double sigma;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(
      names = {"--out", "--results_file"},
      paramLabel = "FILE",
      description =
          "Table of results. Default: the run's table with '-recertified' added, or"
              + " PREFIXrecertified.")
  private Path out;

  @Mixin private OfflineOptions given;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if ((journal == null) == (given.votesPrefix == null)) {
      throw new InputException("give either a journal (FILE.run.jsonl) or --votes-prefix");
    }
    if (votes != null && given.reverseSeeds != null) {
      throw new InputException("--votes and --reverse-seeds exclude each other");
    }
    if (given.reverseSeeds != null
        && given.reverseSeeds.stream().distinct().count() < given.reverseSeeds.size()) {
      throw new InputException("--reverse-seeds: names a seed twice; each has one vote");
    }
    if (journal != null) {
      fromJournal();
    } else {
      fromVoteFiles();
    }
    return 0;
  }

  private void fromJournal() {
    if (sigma != null || given.labels != null) {
      throw new InputException("--sigma and --labels are for vote files; a journal knows both");
    }
    Path file = journalFile();
    try (JournalVotes run = JournalVotes.open(file)) {
      VoteSubset part =
          new VoteSubset(
              n0 == null ? run.plan().n0() : n0,
              n == null ? run.plan().n() : n,
              given.reverseSeeds != null
                  ? run.votes(given.reverseSeeds)
                  : run.votes(votes == null ? run.plan().votes() : votes));
      part.requireIn(run.plan());
      double level = alpha == null ? run.alpha() : alpha;
      OfflineCertifier certifier =
          new OfflineCertifier(new VoteCertifier(run.sigma(), level), run.guarantee());
      List<OfflineCertificate> images = new ArrayList<>();
      for (int image : given.ids == null ? run.images() : given.ids) {
        images.add(run.certify(image, part, certifier));
      }
      if (images.isEmpty()) {
        throw InputException.of("%s: no image is finished yet", file);
      }
      report(part.plan(), level, images, Path.of(table(file) + "-recertified"));
    }
  }

  /** The journal, if its table was given. */
  private Path journalFile() {
    Path beside = Path.of(journal + JOURNAL_END);
    return !journal.toString().endsWith(JOURNAL_END) && Files.isRegularFile(beside)
        ? beside
        : journal;
  }

  private static String table(Path journal) {
    String name = journal.toString();
    return name.endsWith(JOURNAL_END)
        ? name.substring(0, name.length() - JOURNAL_END.length())
        : name;
  }

  private void fromVoteFiles() {
    if (sigma == null || given.labels == null) {
      throw new InputException(
          "--votes-prefix needs --sigma, and --labels with a table of results of the run");
    }
    Map<Integer, Integer> known = MergeInputs.labels(given.labels);
    List<Integer> chosen = given.ids == null ? List.copyOf(known.keySet()) : given.ids;
    if (chosen.isEmpty()) {
      throw InputException.of("%s: has no results", given.labels);
    }
    VoteFiles files = new VoteFiles(given.votesPrefix);
    List<Long> seeds = seeds(files.reverseSeeds(chosen.get(0)));
    SamplingPlan plan =
        new SamplingPlan(
            n0 == null ? files.samples(chosen.get(0), seeds.get(0), Phase.SELECTION) : n0,
            n == null ? files.samples(chosen.get(0), seeds.get(0), Phase.ESTIMATION) : n,
            seeds.size());
    double level = alpha == null ? ALPHA : alpha;
    MergeResults merge =
        new MergeResults(
            files, seeds, plan.n0(), plan.n(), ANY_CLASS, new VoteCertifier(sigma, level));
    List<OfflineCertificate> images = new ArrayList<>();
    for (int image : chosen) {
      Integer label = known.get(image);
      if (label == null) {
        throw InputException.of("--ids: image %d is not in %s", image, given.labels);
      }
      images.add(merge.merge(image, label));
    }
    report(plan, level, images, Path.of(given.votesPrefix + "recertified"));
  }

  private List<Long> seeds(List<Long> there) {
    if (given.reverseSeeds != null) {
      return given.reverseSeeds;
    }
    int count = votes == null ? there.size() : votes;
    if (count < 1 || count > there.size()) {
      throw InputException.of(
          "--votes: %d are wanted, but there are files of the reverse seeds %s", count, there);
    }
    return there.subList(0, count);
  }

  private void report(
      SamplingPlan plan, double level, List<OfflineCertificate> images, Path usual) {
    String title =
        "certified again from N0 %d, N %d, %d vote%s at alpha %s"
            .formatted(plan.n0(), plan.n(), plan.votes(), plan.votes() == 1 ? "" : "s", level);
    OfflineTable results = new OfflineTable(title, plan.n(), images);
    Path table = out == null ? usual : out;
    results.write(table);
    results.print(spec.commandLine().getOut(), table, given.json);
  }
}
