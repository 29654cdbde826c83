package io.densepure.cli;

import io.densepure.InputException;
import io.densepure.certify.HighProbability;
import io.densepure.report.AccuracyBounds;
import io.densepure.report.AccuracyTable;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code accuracy}: certified accuracy of finished runs ({@code compute_accuracy.py}). */
@Command(
    name = "accuracy",
    sortOptions = false,
    description = {
      "Certified accuracy at radii, abstention and average certified radius (ACR) of one or more"
          + " tables of results, of this program or of the original."
    },
    footer = {
      "",
      "Examples:",
      "  densepure accuracy results/a results/b --radii 0,0.5,1 --format markdown",
      "  densepure accuracy 'one-shot=results/a' 'DensePure=results/b' --format latex",
      "  densepure accuracy results/a --confidence 0.95 --high-probability exact"
    })
final class AccuracyCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "[LABEL=]TABLE",
      converter = NamedFile.Converter.class,
      description = "Tables of results or journals, one per run.")
  private List<NamedFile> tables;

  @Option(
      names = "--radii",
      split = ",",
      paramLabel = "R",
      defaultValue = "0,0.25,0.5,0.75,1.0",
      description = "L2 radii, separated by commas. Default: ${DEFAULT-VALUE}.")
  private List<Double> radii;

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "text",
      description = "text, csv, markdown, latex (booktabs) or json. Default: ${DEFAULT-VALUE}.")
  private String format;

  @Option(names = "--json", description = "The same as --format json.")
  private boolean json;

  @Option(
      names = "--confidence",
      paramLabel = "C",
      description =
          "Also say where the accuracy over all images lies that these were drawn from: the"
              + " Clopper-Pearson interval that covers it with probability C, as 0.95.")
  private Double confidence;

  @Option(
      names = "--high-probability",
      paramLabel = "METHOD",
      description =
          "Also say what the accuracy over these images is at least, as each certificate may be"
              + " wrong with probability --alpha: exact (binomial) or original (the formula of"
              + " certification_pic.py, which is a little too high).")
  private HighProbability.Method method;

  @Option(
      names = "--rho",
      paramLabel = "RHO",
      defaultValue = "0.001",
      description = "Probability that --high-probability is wrong. Default: ${DEFAULT-VALUE}.")
  private double rho;

  @Mixin private ConfidenceOptions certificates;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RadiiCheck.check(radii);
    AccuracyTable.Format asked = json ? AccuracyTable.Format.JSON : parse(format);
    HighProbability highProbability =
        method == null ? null : new HighProbability(method, certificates.alpha, rho);
    List<AccuracyTable.Run> runs =
        tables.stream().map(t -> new AccuracyTable.Run(t.name(), t.accuracy())).toList();
    AccuracyTable table =
        new AccuracyTable(runs, radii, new AccuracyBounds(confidence, highProbability));
    spec.commandLine().getOut().print(table.render(asked));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static AccuracyTable.Format parse(String name) {
    for (AccuracyTable.Format format : AccuracyTable.Format.values()) {
      if (format.name().equalsIgnoreCase(name)) {
        return format;
      }
    }
    throw InputException.of("--format: '%s' is none of text, csv, markdown, latex, json", name);
  }
}
