package io.densepure.cli;

import picocli.CommandLine.Option;

/** How sure an answer must be: shared by the commands that give answers. */
@HelpSection.In(HelpSection.NOISE)
final class ConfidenceOptions {
  @Option(
      names = "--alpha",
      paramLabel = "A",
      defaultValue = "0.001",
      description = "Probability that an answer may be wrong. Default: 0.001.")
  double alpha;
}
