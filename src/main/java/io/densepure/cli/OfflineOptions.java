package io.densepure.cli;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Which votes that were cast before, and how to print: the flags of {@code merge} and more. */
final class OfflineOptions {
  @HelpSection.In(HelpSection.IMAGES)
  @Option(
      names = {"--ids", "--sample_id", "--sample_id_list"},
      arity = "1..*",
      split = ",",
      paramLabel = "I",
      description = "Images by index. Default: all that are finished, or have a label.")
  List<Integer> ids;

  @HelpSection.In(HelpSection.VOTES)
  @Option(
      names = {"--reverse-seeds", "--reverse_seeds"},
      arity = "1..*",
      split = ",",
      paramLabel = "S",
      description =
          "Take these reverse seeds' votes instead; on a tie the earlier one's label wins.")
  List<Long> reverseSeeds;

  @HelpSection.In(HelpSection.FILES)
  @Option(
      names = {"--votes-prefix", "--votes_prefix", "--predictions_path"},
      paramLabel = "PREFIX",
      description = "Vote files: what their paths begin with, as in certify.")
  String votesPrefix;

  @HelpSection.In(HelpSection.FILES)
  @Option(
      names = "--labels",
      paramLabel = "TABLE",
      description = "For vote files: a table of results to take the true labels from.")
  Path labels;

  @HelpSection.In(HelpSection.OUTPUT)
  @Option(names = "--json", description = "Print the results as one JSON object.")
  boolean json;
}
